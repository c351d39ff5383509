import { expect, it } from 'vitest'
import { brokenBy, changed, CLAIM, problemsOf } from './lua-house.ts'

it.for([
  `redis.call('HGET', 'records', id)`,
  `redis.call('HGET', 'a' .. id, id)`,
  `redis.call('HGET', records .. id, id)`,
  `local key = records .. id redis.call('HGET', key, id)`,
  `redis.call('HGET', id, id)`,
  `redis.call('HGET', other(id), id)`,
  `redis.call('ZSCORE', LINES['a' .. id], id)`,
  `redis.call('HGET', KEYS[1], id)`,
  `put('records', id, 1)`,
])('refuses a key that is not a declared one: %s', (line) => {
  expect(brokenBy(line)).toContain('keys')
})

it.for([
  `redis.call('HGET', records, 'a' .. id)`,
  `local line = LINES.first redis.call('ZCARD', line.pending)`,
  `for name in pairs(LINES) do redis.call('ZCARD', LINES[name].pending) end`,
  `redis.call('ZSCORE', homeOf(record, LINES.first), id)`,
])('accepts a declared key: %s', (line) => {
  expect(brokenBy(`local record = { status = STATUS.running } ${line}`)).toEqual(['names'])
})

it('wants the time asked once, by the clock', () => {
  expect(brokenBy(`redis.call('TIME')`)).toEqual(['clock'])
  expect(changed('lib/clock.lua', 'local NOW = 0', `local NOW = redis.call('TIME')`)).toEqual(['clock'])
})

it('wants the version of the namespace looked at by every script', () => {
  expect(changed('claim.lua', 'clock(meta, now)\n', '')).toContain('clock')
  expect(changed('claim.lua', 'clock(meta, now)', 'version(meta)')).not.toContain('clock')
})

it('wants the clock called once, by the script itself', () => {
  expect(brokenBy('clock(meta, now)')).toEqual(['clock'])
  expect(changed('claim.lua', 'clock(meta, now)', 'for _ in pairs({ 1, 2 }) do clock(meta, now) end')).toEqual([
    'clock',
  ])
  expect(changed('lib/move.lua', 'record.status = to', 'record.status = to clock(record, to)')).toContain('clock')
  expect(brokenBy('local again = clock')).toEqual(['plan'])
})

it.for([
  `redis.call('KEYS', records)`,
  `redis.call('SCAN', records)`,
  `redis.call('SORT', records)`,
  'redis.call(id, records)',
])('refuses a command that is not on the list: %s', (line) => {
  expect(brokenBy(line)).toEqual(['commands'])
})

it('wants unpack in the plan, and in pieces', () => {
  expect(brokenBy('unpack({}, 1, math.min(2, 3))')).toEqual(['unpack'])
  expect(changed('lib/plan.lua', 'values, from, math.min(from + 999, #values)', 'values')).toEqual(['unpack'])
  expect(changed('lib/plan.lua', 'math.min(from + 999, #values)', '#values')).toEqual(['unpack'])
})

it.for([
  `redis.call('HSET', records, id, 1)`,
  `redis.call('ZREMRANGEBYSCORE', LINES.first.pending, 0, 1)`,
  `send('HSET', records, { id })`,
  `commit(records)`,
  `if id then commit(records) end`,
  `local write = send`,
  `local call = redis.call`,
  `local r = redis`,
  `HASH[records] = {}`,
  `INDEX[records][id] = 1`,
])('refuses a write past the plan: %s', (line) => {
  expect(new Set(brokenBy(line))).toEqual(new Set(['plan']))
})

it('wants the commit right before the return at the end, and in a script', () => {
  expect(changed('claim.lua', 'commit(records)\n', 'commit(records)\nlocal a = 1\n')).toEqual(['plan'])
  expect(changed('claim.lua', 'commit(records)\n', 'if id then commit(records) return 1 end\n')).toEqual(['plan'])
  expect(changed('lib/move.lua', 'record.status = to', 'record.status = to commit(record)')).toContain('plan')
})

it('wants a command written out, but where the plan sends what it is told', () => {
  expect(brokenBy(`local command = 'HGET' redis.call(command, records)`)).toEqual(['commands'])
  expect(changed('lib/plan.lua', 'redis.call(command', 'redis.call(values[1]')).toEqual(['commands'])
})

it('says what is wrong with a commit', () => {
  const twice = CLAIM.replace('commit(records)', 'commit(records)\ncommit(records)')
  expect(problemsOf({ 'claim.lua': twice })).toContainEqual(expect.stringContaining('a script commits once'))
  const part = 'local function end_(records) commit(records) return 1 end\n'
  const problems = problemsOf({
    'lib/end.lua': `--- @use plan\n${part}`,
    'claim.lua': CLAIM.replace('@use', '@use end'),
  })
  expect(problems).toEqual([expect.stringContaining('a script commits, not a part of it')])
})
