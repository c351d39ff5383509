import { expect, it } from 'vitest'
import { blocksOf, callsOf } from '../checks/lua/calls.mjs'
import { namesOf } from '../checks/lua/names.mjs'
import { scan, stripped } from '../checks/lua/tokens.mjs'

const unknownIn = (source: string): string[] => namesOf(scan(source).tokens, ['print']).unknown.map(({ name }) => name)

it('strips comments, indentation and blank lines', () => {
  expect(stripped('--- Why.\nlocal a = 1 -- one\n\n  a = a + 1\t\n--\nreturn a\n')).toBe(
    'local a = 1\na = a + 1\nreturn a',
  )
})

it('keeps what only looks like a comment', () => {
  const source = `local a = '-- no' .. "--'" .. '\\'--' .. b[c[1]]`
  expect(stripped(source)).toBe(source)
  expect(stripped('local a = 5 - -3')).toBe('local a = 5 - -3')
})

it.for([
  ['a long comment', '--[[ a ]]'],
  ['a long text', 'local a = [==[ b ]==]'],
  ['a text over two lines', `local a = 'b\\\nc'`],
  ['a text without an end', `local a = 'b\nc = 1`],
  ['what is not Lua', 'local a != b'],
])('refuses %s and says where', ([, source = '']) => {
  expect(() => scan(`local first\n${source}`)).toThrow('line 2: ')
})

it('tells apart words, numbers, texts and signs', () => {
  const { tokens } = scan(`a.b1 = 0x1F .. 1.5e3 ~= '\\t"'`)
  expect(tokens.map(({ kind }) => kind).join(' ')).toBe('word punct word punct number punct number punct string')
})

it('finds calls inside calls, with their arguments', () => {
  const calls = callsOf(
    scan(`redis.call('A', b(c, { d, e }), f)\nlocal function g(h) if (h) then return end end`).tokens,
  )
  expect(calls.map(({ name, args }) => `${name} ${args.length}`)).toEqual(['redis.call 3', 'b 2'])
})

it('takes no bracket and no comma from a text', () => {
  const [call] = callsOf(scan(`f('(', ',') g()`).tokens)
  expect(call?.args.map((arg) => arg.length)).toEqual([1, 1])
  expect(callsOf(scan(`f(')', 1)`).tokens)[0]?.args).toHaveLength(2)
})

it('measures functions and how deep a word stands', () => {
  const source =
    'local function a()\n  for i = 1, 2 do\n    repeat b("do", "end") until c\n  end\nend\nfunction d.e()\nend'
  const { functions, depths } = blocksOf(scan(source).tokens)
  expect(functions).toEqual([
    { name: 'a', line: 1, lines: 5 },
    { name: 'd.e', line: 6, lines: 2 },
  ])
  expect(Math.max(...depths)).toBe(3)
  expect(depths.at(-1)).toBe(1)
})

it.for([
  'local a, b = 1, 2 print(a, b)',
  'for i, x in print(1) do print(i, x) end',
  'local function a(b, ...) if b then local c = b print(c) elseif b then a(b) else print(b) end end',
  'repeat local a = 1 until a == 1',
  'local a = { b = 1, c = function(d) local e = { d = d } return e end } print(a.b, a.c)',
  `local a = print('end', 'function', 'x', "(") print(a)`,
  'while true do local a = 1 do print(a) end end',
])('knows what is declared: %s', (source) => {
  expect(unknownIn(source)).toEqual([])
})

it.for([
  ['a', 'print(a) local a = 1'],
  ['a', 'if true then local a = 1 end print(a)'],
  ['a', 'for a = 1, 2 do end print(a)'],
  ['a', 'local function b(a) end print(a)'],
  ['a', 'local function b() return a() end local function a() end'],
  ['a', 'local b = { c = a }'],
  ['a', 'a = 1'],
  ['a', 'function a.b() end'],
  ['a', 'if true then local a = 1 else print(a) end'],
  ['a', 'if true then local a = 1 elseif a then print(1) end'],
])('misses %s in: %s', ([name, source = '']) => {
  expect(unknownIn(source)).toEqual([name])
})
