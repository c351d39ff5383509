import { expect, it } from 'vitest'
import { commandsIn } from '../checks/lua/commands.mjs'
import { luaRules } from '../checks/lua-rules.mjs'
import { repository } from './fixture.ts'
import { brokenBy, changed, CLAIM, house, LUA, problemsOf } from './lua-house.ts'

it('accepts a script that keeps them', () => {
  expect(problemsOf({})).toEqual([])
})

it('names the file, the line and the rule', () => {
  const text = CLAIM.replace('commit(', 'tostring(1)\ncommit(')
  expect(problemsOf({ 'claim.lua': text })).toContainEqual(
    expect.stringMatching(/^packages\/redis-protocol\/lua\/claim\.lua:12: no tostring: .* \(forbidden\)$/),
  )
})

it.for([
  ['no promise', '--- Takes it.\n', ''],
  ['no reply', '--- @reply its attempt\n', ''],
  ['an unknown key', '@keys meta', '@keys other meta'],
  ['a key without a use', '@keys meta', '@keys meta bodies'],
  ['an argument without a use', '@args now', '@args now worker'],
  ['items that are not read', '--- @reply', '--- @items ids\n--- @reply'],
  ['items that are not declared', 'commit(', 'put(records, id, ARGV[3])\ncommit('],
  ['lines that are not declared', ' @lines', ''],
  ['an unknown part', '@use', '@use nothing'],
])('demands a complete header: %s', ([, from = '', to = '']) => {
  expect(changed('claim.lua', from, to)).toContain('header')
})

it('wants every part used', () => {
  expect(problemsOf({ 'lib/spare.lua': 'local A = 1' })).toEqual([expect.stringContaining('no script uses it')])
})

it('wants the flags to fit to what a script does', () => {
  expect(changed('claim.lua', 'allow-oom', 'no-writes')).toEqual(['flags'])
  const without = problemsOf({ 'claim.lua': CLAIM.replace('--- @flags allow-oom\n', '') })
  expect(without).toEqual([expect.stringContaining('@flags (none): it writes')])
  expect(problemsOf({ 'enqueue.lua': CLAIM })).toEqual([expect.stringContaining('has to refuse')])
  const reading = '--- Reads.\n--- @keys meta\n--- @args now\n--- @reply it\n--- @use clock\nclock(meta, now)\nreturn 1'
  expect(problemsOf({ 'read.lua': reading })).toEqual([expect.stringContaining('it commits nothing')])
})

it.for([
  ['a function before it is declared', 'later() local function later() end'],
  ['a misspelt word', 'local a = recrods'],
  ['a function that not every server has', 'redis.setresp(3)'],
  ['a name that hides another', 'local function holds() end'],
])('refuses %s', ([, line = '']) => {
  expect(brokenBy(line)).toEqual(['names'])
})

it('lets a part see no key of the script that uses it', () => {
  expect(changed('lib/move.lua', 'record.id, NOW', 'record.id, records')).toEqual(['names'])
  expect(changed('claim.lua', '@use clock line fence', '@use clock line')).toEqual(['names', 'header'])
})

it('refuses long files and long functions', () => {
  expect(brokenBy(`local function long()\n${'put(records, id, 1)\n'.repeat(39)}end`)).toEqual(['size'])
  expect(brokenBy(`local function long()\n${'put(records, id, 1)\n'.repeat(38)}end`)).toEqual([])
  expect(brokenBy('local a = {}\n'.repeat(200))).toContain('size')
})

it('stops at what it can not read', () => {
  expect(problemsOf({ 'claim.lua': 'local a = [[b]]' })).toEqual([
    expect.stringContaining('claim.lua: line 1: long brackets'),
  ])
})

it('refuses a package without scripts', () => {
  expect(luaRules(repository({ 'packages/redis-protocol/package.json': {} })).problems).toHaveLength(1)
})

const PROBE = `--- Tries.
--- @flags allow-oom
--- @keys records
--- @reply what was refused
local refused = {}
local first = ({ 'a' })[1]
for _, trial in ipairs({ { 'TIME' }, { 'HGET', records }, { 'HSET', records }, { 'ZADD', records } }) do
  refused[#refused + 1] = redis.pcall(unpack(trial)).err
end
return refused
`

it('lets the probe try what a script may not, if it tries just what scripts use', () => {
  expect(problemsOf({ 'probe.lua': PROBE })).toEqual([])
  expect(problemsOf({ 'probe.lua': PROBE.replace(`{ 'TIME' },`, '') })).toEqual([
    expect.stringContaining('TIME is used and not tried'),
  ])
  expect(problemsOf({ 'probe.lua': PROBE.replace('return', `redis.pcall('HLEN', records)\nreturn`) })).toEqual([
    expect.stringContaining('HLEN is used and not tried'),
  ])
  expect(problemsOf({ 'probe.lua': PROBE.replace(`{ 'TIME' }`, `{ 'TIME' }, { 'DEL', records }`) })).toEqual([
    expect.stringContaining('DEL is tried and not used'),
  ])
})

it('lets destroy write without a plan, and refuses an exemption that nothing needs', () => {
  const destroy = `--- Removes.\n--- @flags allow-oom\n--- @keys meta records\n--- @args now\n--- @reply 1\n--- @use clock\nclock(meta, now)\nredis.call('UNLINK', records)\nreturn 1\n`
  expect(problemsOf({ 'destroy.lua': destroy })).toEqual([])
  expect(problemsOf({ 'destroy.lua': CLAIM })).toEqual([
    expect.stringContaining('is exempt from the rule "plan" and does not need it'),
    expect.stringContaining('is exempt from the rule "flags" and does not need it'),
  ])
})

it('lists the commands that the scripts issue', () => {
  const files = Object.entries(house).map(([name, text]): [string, string] => [LUA + name, text])
  expect(commandsIn(repository(Object.fromEntries(files)))).toEqual(['HGET', 'HSET', 'TIME', 'ZADD'])
})
