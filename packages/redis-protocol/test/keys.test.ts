import { expect, it } from 'vitest'
import { keysOf, lineName, lineOf, LINE_KEYS, SHARED_KEYS } from '../src/keys.ts'

const keys = keysOf('shop', 0)
const hashTag = (key: string): string => /\{([^}]+)\}/.exec(key)?.[1] ?? ''

it('gives every key of a partition one hash tag, so that all scripts are legal on a cluster', () => {
  const all = [...Object.values(keys.shared), ...keys.ofLine('mail|local'), keys.wake('mail|local')]
  expect(new Set([...all, keys.doneChannel('p'), keys.controlChannel('w')].map(hashTag))).toEqual(new Set(['shop:0']))
})

it('names every shared key, and no two alike', () => {
  expect(Object.keys(keys.shared)).toEqual([...SHARED_KEYS])
  expect(new Set(Object.values(keys.shared)).size).toBe(SHARED_KEYS.length)
})

it('gives the keys of a line in the order in which scripts get them', () => {
  expect(keys.ofLine('mail|local').map((key) => key.slice(key.lastIndexOf(':') + 1))).toEqual(LINE_KEYS)
  expect(keys.ofLine('mail|local').at(-1)).toBe(keys.wake('mail|local'))
})

it('keeps namespaces apart whose names begin alike', () => {
  expect(keysOf('a', 0).shared.records).not.toBe(keysOf('a:0', 0).shared.records)
})

it('reads a line back from its name', () => {
  const line = { queue: 'mail.slow', executionBackend: 'cloud' }
  expect(lineOf(lineName(line))).toEqual(line)
})

it('names the keys of any number of lines', () => {
  for (let i = 0; i < 1_200; i++) expect(keys.ofLine(`q${i}|local`)[0]).toBe(`{shop:0}:l:q${i}|local:waiting`)
})
