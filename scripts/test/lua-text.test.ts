import { expect, it } from 'vitest'
import { brokenBy } from './lua-house.ts'

it.for([
  `pcall(redis.call, 'HGET', records, id)`,
  `redis.pcall('HGET', records, id)`,
  `cjson.encode({})`,
  'cmsgpack.pack(id)',
  'tostring(1)',
  'math.random(5)',
])('refuses %s', (line) => {
  expect(brokenBy(line)).toContain('forbidden')
})

it.for([
  `local a = string.format('%d', id)`,
  `local a = string.format('%.1f', id)`,
  `local a = string.format("%.14g", id)`,
  `local a = string.format(id, 1)`,
  `local a = string.format 'x'`,
  `local a = ('%.0f'):format(id)`,
  `local a = id:format(1)`,
  'local a = string.format',
])('refuses a number as text but by a form that keeps its digits: %s', (line) => {
  expect(brokenBy(line)).toEqual(['format'])
})

it('accepts a whole number as text', () => {
  expect(brokenBy(`local a = string.format('%.0f', id)`)).toEqual([])
})

it.for([
  'return { nil }',
  'return { id, false }',
  'return { id, false, id }',
  'return { id; nil }',
  'return { id and nil, id }',
  'return { holds(id, 1) and id or nil }',
  `return { id == '' and id or false }`,
])('refuses nothing in a reply: %s', (line) => {
  expect(brokenBy(`if id then ${line} end`)).toEqual(['reply'])
})

it.for([
  'return {}',
  'return nil',
  'return id ~= nil, false',
  `return { id == nil and '1' or '0', holds(id, nil) }`,
  `return { nil ~= id and 'a' or '' }`,
  'return { id = nil, now = id or false }',
  `return { 'nil', "false", ['a'] = false }`,
])('accepts what is no array with nothing in it: %s', (line) => {
  expect(brokenBy(`if id then ${line} end`)).toEqual([])
})

it.for([
  `if STATUS.running == 'r' then return end`,
  `local a = { status = 1 } if 'p' ~= a.status then return end`,
  `local a = { event = 1 } if a.event == 'v' then return end`,
  `local a = { 'running' }`,
  `local a = id == 'pending'`,
])('refuses a status as a letter or name: %s', (line) => {
  expect(brokenBy(line)).toEqual(['status'])
})

it.for([
  'local a = LINES.first.pending',
  'local a = STATUS.pending',
  `local a = { letter = 'r' }`,
  `local a = { replaced = 1 } if a.replaced == 'r' then return end`,
  `local a = { event = 1, key = 1 } if a.key == 'v' then return end`,
])('accepts what only looks like a status: %s', (line) => {
  expect(brokenBy(line)).toEqual([])
})

it.for([
  `if attempt == 1 then return end`,
  `if id == a.attempt then return end`,
  `if not (tonumber(a.attempt) ~= 1) then return end`,
  `if 5 < a.attempt then return end`,
  `if tonumber(a.attempt, 10) == 1 then return end`,
  `if id == tonumber(a.attempt, 10) then return end`,
  `if id == tonumber(10, a.attempt) then return end`,
])('refuses a comparison of attempts outside the fence: %s', (line) => {
  expect(brokenBy(`local a, attempt = { attempt = 1 }, 1 ${line}`)).toEqual(['fence'])
})

it.for([
  `a.attempt = a.attempt + 1 if holds(a, id) and id == '' then return end`,
  `local b = id == 1\na.attempt = 2`,
  `if id == 1 and a.attempt then return end`,
  `local b = a.attempt + (id == '1' and 1 or 0)`,
  `local b = (id == 1) .. a.attempt`,
  `local b = id == '(' and a.attempt`,
  `local b = id == ')' and a.attempt`,
  `put(records, a.attempt, ')' == id)`,
  `put(records, a.attempt, '(' == id)`,
])('accepts attempts beside a comparison: %s', (line) => {
  expect(brokenBy(`local a = { attempt = 1 } ${line}`)).toEqual([])
})

it.for([
  `if id < a.b then return end`,
  `if a.b >= a.id then return end`,
  `local b = a.b and (1 == 2 or a.id < a.id)`,
  `local b = cursorId > a[1]`,
])('refuses an order of texts that goes by the language of the server: %s', (line) => {
  expect(brokenBy(`local a, cursorId = {}, '' ${line}`)).toEqual(['order'])
})

it.for([`if #a.ids > 0 and id == '' then return end`, `if 1 < a.b and a.id then return end`])(
  'accepts an order of numbers beside a text: %s',
  (line) => {
    expect(brokenBy(`local a = {} ${line}`)).toEqual([])
  },
)

it.for([`local a = {} a.status = STATUS.running`, `enter(LINES.first.pending, id, 1)`])(
  'refuses a change of status or of an index outside of move: %s',
  (line) => {
    expect(brokenBy(line)).toEqual(['move'])
  },
)
