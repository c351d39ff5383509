import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { engineFiles } from '../generate/engine.mjs'
import { compiled } from '../generate/lua-script.mjs'
import { scriptModule } from '../generate/script-module.mjs'
import { statusTable } from '../generate/status-table.mjs'
import { repository } from './fixture.ts'

const HEADER = ['--- Does it.', '--- @reply nothing']
const compile = (lines: readonly string[], libs: Readonly<Record<string, string>> = {}): ReturnType<typeof compiled> =>
  compiled('turn', [...HEADER, ...lines].join('\n'), {
    sharedKeys: ['meta', 'records'],
    lineKeys: ['pending', 'wake'],
    libs: new Map(Object.entries(libs)),
  })

it('puts the names of keys and arguments, the parts and the script behind each other', () => {
  const libs = { clock: '--- The time.\nlocal NOW = {}', line: '--- @use clock\nlocal LINES = {}' }
  const script = compile(
    [
      '--- @flags allow-oom',
      '--- @keys meta records @lines',
      '--- @args now worker',
      '--- @use line clock',
      '',
      'return NOW, LINES',
    ],
    libs,
  )
  const source = [
    '#!lua flags=allow-oom',
    'local meta,records=KEYS[1],KEYS[2]',
    'local KEY_COUNT=2',
    'local now,worker=ARGV[1],ARGV[2]',
    'local ARG_COUNT=2',
    `local LINE_KEYS={'pending','wake'}`,
    'local NOW = {}',
    'local LINES = {}',
    'return NOW, LINES',
  ].join('\n')
  const sha1 = createHash('sha1').update(source).digest('hex')
  expect(script).toEqual({
    name: 'turn',
    sha1,
    source,
    keys: ['meta', 'records'],
    lines: true,
    line: [],
    args: ['now', 'worker'],
  })
})

it('gives a script that is about one line the keys of it that it names, its name, and where the items begin', () => {
  const script = compile(['--- @keys meta', '--- @line wake pending', '--- @args now', '', 'return ITEM'])
  expect(script.source.split('\n')).toEqual([
    'local meta,wake,pending=KEYS[1],KEYS[2],KEYS[3]',
    'local now,LINE_NAME=ARGV[1],ARGV[2]',
    'local ITEM=3',
    'return ITEM',
  ])
  expect(script).toMatchObject({ keys: ['meta'], lines: false, line: ['wake', 'pending'] })
  expect(() => compile(['--- @line other', 'return 1'])).toThrow('turn.lua: @line other is not one of LINE_KEYS')
  expect(() => compile(['--- @keys meta @lines', '--- @line wake', 'return 1'])).toThrow('either any lines')
})

it('sends of a part what is used, directly or not, and shows of it what others use', () => {
  const part = [
    '--- A part.',
    'local UNUSED = {',
    '  1,',
    '}',
    'local HIDDEN = {}',
    'local ADDED = {}',
    'function ADDED.one() return HIDDEN end',
    'local function unused()',
    '  return UNUSED',
    'end',
    'local function shown()',
    '  return ADDED',
    'end',
    'print(1)',
  ]
  const { source } = compile(['--- @use part', 'return shown()'], { part: part.join('\n') })
  const lines = ['local shown', 'do', 'local HIDDEN = {}', 'local ADDED = {}', 'function ADDED.one() return HIDDEN end']
  const rest = ['function shown()', 'return ADDED', 'end', 'print(1)', 'end', 'return shown()']
  expect(source.split('\n').slice(2)).toEqual([...lines, ...rest])
})

it('sends the value of a constant in place of its name, but not of what changes, of a member, or in a text', () => {
  const part = [
    'local MOST = 5',
    "local WORD = 'x\\ty'",
    'local LATER = 0',
    'local TABLE = {',
    "  one = 'a',",
    '}',
    'local function set(to) LATER = to end',
    'local function all(record, name)',
    "  return MOST, WORD, LATER, TABLE.one, TABLE[name], record.MOST, 'MOST'",
    'end',
  ]
  const { source } = compile(['--- @use part', 'set(1)', 'return all(1, MOST)'], { part: part.join('\n') })
  expect(source).toContain("return 5, 'x\\ty', LATER, 'a', TABLE[name], record.MOST, 'MOST'")
  expect(source).toContain('return all(1, 5)')
  expect(source).toContain("TABLE = {\none = 'a',\n}")
  expect(source).not.toContain('WORD')
})

it('sends nothing of a part of which nothing is used', () => {
  const { source } = compile(['--- @use part', 'return 1'], { part: 'local A = 1' })
  expect(source.split('\n').slice(2)).toEqual(['return 1'])
})

it('says nothing of what a script does not have', () => {
  expect(compile(['return 1']).source).toBe('local KEY_COUNT=0\nlocal ARG_COUNT=0\nreturn 1')
})

it('lets a tag go on in the next line, and flags be several', () => {
  const { source, args } = compile(['--- @args now', '---   worker', '--- @flags no-writes, allow-stale', 'return 1'])
  expect(args).toEqual(['now', 'worker'])
  expect(source).toContain('#!lua flags=no-writes,allow-stale\n')
})

it.for([
  ['turn.lua: @keys wrong is not one of SHARED_KEYS (meta, records)', '--- @keys wrong'],
  ['turn.lua: @lines', '--- @keys @lines meta'],
  ['turn.lua: end can not name a local', '--- @args end'],
  ['turn.lua: meta is declared twice in @keys, @line and @args', '--- @keys meta\n--- @args meta'],
  ['turn.lua: @key is not one of @flags @keys', '--- @key meta'],
  ['turn.lua: @reply twice', '--- @reply again'],
  ['turn.lua: @use nothing, but there is no lib/nothing.lua', '--- @use nothing'],
  ['lib/b.lua: @use c, but there is no lib/c.lua', '--- @use b'],
  ['@use goes round: turn.lua -> lib/x.lua -> lib/y.lua -> lib/x.lua', '--- @use x'],
  ['lib/k.lua: @keys belongs to a script', '--- @use k'],
  ['lib/long.lua: line 1: long brackets', '--- @use long'],
])('refuses with "%s"', ([message, lines = '']) => {
  const libs = { b: '--- @use c', x: '--- @use y', y: '--- @use x', k: '--- @keys meta', long: 'local a = [[b]]' }
  expect(() => compile([lines, 'return a'], libs)).toThrow(message)
})

it.for([
  ['the header needs @reply', '--- Does it.\nreturn 1'],
  ['the header does not begin with a promise', '--- @reply nothing\nreturn 1'],
])('refuses a header when %s', ([message, text = '']) => {
  const none = { sharedKeys: [], lineKeys: [], libs: new Map<string, string>() }
  expect(() => compiled('turn', text, none)).toThrow(`turn.lua: ${message}`)
})

it('writes a module that gives back each source', async () => {
  const source = 'local a = "\\t`${b}" .. \'\\\\\'\nreturn a'
  const script = {
    name: 'audit-keys',
    sha1: 'a',
    source,
    keys: ['meta'],
    lines: false,
    line: [],
    args: ['now', 'most'],
  }
  const text = scriptModule([script, { ...script, name: 'await' }])
  expect(text).toMatch(/^\/\/ Generated by /)
  expect(text).toContain(`export const auditKeys: Signed<['meta'], [], ['now', 'most']> = {`)
  expect(text.indexOf('export const auditKeys')).toBeLessThan(text.indexOf('export const awaitScript'))
  const quoted = /source: (`.*?`),\n\}/s.exec(text)?.[1]
  const loaded: unknown = await import(`data:text/javascript,${encodeURIComponent(`export const source = ${quoted}`)}`)
  expect(loaded).toMatchObject({ source })
  expect(() => scriptModule([{ ...script, name: 'auditKeys' }])).toThrow('lower-case words')
})

const tables = {
  transitions: { enqueue: { from: [], to: ['pending'] }, complete: { from: ['pending'], to: ['completed'] } },
  terminal: ['completed'],
  statusCodes: { pending: 'p', completed: 'c' },
  eventCodes: { enqueue: 'e', complete: 'd' },
}

it('writes the table of transitions in letters', () => {
  const table = statusTable(tables).replaceAll(/\s+/g, ' ')
  expect(table).toMatch(/^-- Generated by /)
  for (const part of [
    `local STATUS = { pending = 'p', completed = 'c', }`,
    `local EVENT = { enqueue = 'e', complete = 'd', }`,
    `local FROM = { enqueue = {}, complete = { p = true }, }`,
    `local TO = { enqueue = { p = true }, complete = { c = true }, }`,
    `local TERMINAL = { c = true }`,
    `local NAME = { p = 'pending', c = 'completed', }`,
  ])
    expect(table).toContain(part)
})

it.for([
  ['no letter for completed', { statusCodes: { pending: 'p' } }],
  ['no letter for complete', { eventCodes: { enqueue: 'e' } }],
  [`'p' stands twice in STATUS_CODES`, { statusCodes: { pending: 'p', completed: 'p' } }],
  [`'xy' in EVENT_CODES is not one small letter`, { eventCodes: { enqueue: 'xy', complete: 'd' } }],
] as const)('refuses a table with %s', ([message, change]) => {
  expect(() => statusTable({ ...tables, ...change })).toThrow(message)
})

it('takes only Lua files, and lib/ as the one folder', async () => {
  const packageFiles = {
    'packages/redis-protocol/src/codes.ts': `export const STATUS_CODES = { waiting: 'w', pending: 'p', scheduled: 's', running: 'r',
      completed: 'c', failed: 'f', cancelled: 'x', expired: 'e' }
      export const EVENT_CODES = Object.fromEntries('enqueue hold admit promote claim complete fail retry snooze release recover cancel expire replay remove'
        .split(' ').map((event, at) => [event, String.fromCharCode(97 + at)]))`,
    'packages/redis-protocol/src/keys.ts': `export const SHARED_KEYS = ['meta'], LINE_KEYS = ['wake']`,
    'packages/redis-protocol/lua/turn.lua':
      '--- Does it.\n--- @keys meta\n--- @reply 1\n--- @use status\nreturn STATUS',
  }
  const files = await engineFiles(repository(packageFiles))
  expect(files.map(({ path }) => path.replace('packages/redis-protocol/', ''))).toEqual([
    'lua/lib/status.lua',
    'src/scripts.generated.ts',
  ])
  expect(files[1]?.text).toContain('local STATUS = {\n')
  const astray = repository({ ...packageFiles, 'packages/redis-protocol/lua/lib/deep/a.lua': '' })
  await expect(engineFiles(astray)).rejects.toThrow('*.lua and lib/*.lua only')
})
