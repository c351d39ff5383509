import { expect, it } from 'vitest'
import { objection, versionIn } from '../servers/kinds.mjs'

it.for([
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c9', 'redis', '7.0.15'],
  ['Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=39f7c37', 'valkey', '8.0.1'],
  ['# Server\r\nredis_version:7.2.4\r\nredis_git_sha1:0\r\n', 'redis', '7.2.4'],
  ['# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\n', 'valkey', '8.0.1'],
] as const)('reads which server it is: %s', ([text, kind, version]) => {
  expect(versionIn(text)).toEqual({ kind, version })
})

it('does not guess', () => {
  expect(versionIn('DragonFly v1.0')).toBeUndefined()
  expect(objection('redis', undefined)).toBe('does not say which version it is')
})

it.for([
  ['redis', '7.0'],
  ['redis', '7.0.0'],
  ['redis', '8.2.1'],
  ['redis', '10.0.1'],
  ['valkey', '7.2.4'],
  ['valkey', '8.0.1'],
] as const)('takes %s %s', ([kind, version]) => {
  expect(objection(kind, { kind, version })).toBeUndefined()
})

it.for([
  ['redis', '6.2.14', 'is Redis 6.2.14; 7.0 or newer is needed'],
  ['valkey', '7.1.9', 'is Valkey 7.1.9; 7.2 or newer is needed'],
  ['valkey', '7', 'is Valkey 7; 7.2 or newer is needed'],
] as const)('refuses %s %s', ([kind, version, problem]) => {
  expect(objection(kind, { kind, version })).toBe(problem)
})

it('refuses one for the other', () => {
  expect(objection('redis', { kind: 'valkey', version: '8.0.1' })).toBe('is Valkey 8.0.1, not Redis')
})
