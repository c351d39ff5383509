import { QueueError } from '@millrace/core'
import { expect, it } from 'vitest'
import { Deadlines } from '../src/deadlines.ts'
import { Caller } from '../src/caller.ts'
import { keysOf } from '../src/keys.ts'
import type { Reply, RespClient } from '../src/resp-client.ts'
import { lease, read } from '../src/scripts.generated.ts'
import { fakeClient } from './fake-client.ts'

const keys = keysOf('shop', 0)
const caller = (client: RespClient, timeoutMs = 5_000): Caller =>
  new Caller({ client, keys, clock: null, deadlines: new Deadlines(timeoutMs) })
const call = { args: { now: '', name: 'duty', token: 'a', ttl: 1, release: 0 } } as const
const never = (): Promise<Reply> => new Promise(() => {})

async function codeOf(act: Promise<unknown>): Promise<unknown> {
  const error: unknown = await act.catch((thrown: unknown) => thrown)
  return error instanceof QueueError ? [error.code, error.indeterminate] : error
}

it('sends the digest of a script, and its source only to a server that does not know it', async () => {
  const knows = fakeClient(() => '1 5')
  await caller(knows).run(lease, call)
  expect(knows.sent.map(([name, script]) => [name, script])).toEqual([['evalsha', lease.sha1]])

  const forgot = fakeClient(([name]) => (name === 'evalsha' ? new Error('NOSCRIPT No matching script.') : '1 5'))
  expect(await caller(forgot).run(lease, call)).toEqual({ main: '1 5', extras: [] })
  expect(forgot.sent.map(([name]) => name)).toEqual(['evalsha', 'eval'])
  expect(forgot.sent[1]?.[1]).toBe(lease.source)
})

it('sends again only those of several that the server did not know, in order', async () => {
  const client = fakeClient(([name], count) =>
    name === 'evalsha' && count === 1 ? new Error('NOSCRIPT') : `${name} ${count}`,
  )
  const answers = await caller(client).runAll(lease, [call, call, call])
  expect(answers.map(({ main }) => main)).toEqual(['evalsha 0', 'eval 3', 'evalsha 2'])
})

it('gives a script its keys, its arguments by their order, the lines and the items', async () => {
  const client = fakeClient(() => '5\u001d')
  await caller(client).run(read, { args: { now: 7 }, lines: ['a|local'], items: ['x', 'y'] })
  const shared = read.keys.map((name) => keys.shared[name])
  const words = [
    'evalsha',
    read.sha1,
    shared.length + 12,
    ...shared,
    ...keys.ofLine('a|local'),
    7,
    1,
    'a|local',
    'x',
    'y',
  ]
  expect(client.sent).toEqual([words])
})

it('runs a script again with the lines that it asks for', async () => {
  const client = fakeClient((_, count) => (count < 2 ? `moved\u001dline-${count}|local` : '5\u001d'))
  await caller(client).runOnLines(read, { args: { now: '' }, items: ['x'] })
  expect(client.sent.map((command) => command.filter((word) => /^line-\d\|local$/.test(String(word))))).toEqual([
    [],
    ['line-0|local'],
    ['line-0|local', 'line-1|local'],
  ])
})

it('gives up as busy where records move for ever', async () => {
  const client = fakeClient((_, count) => `moved\u001dline-${count}|local`)
  expect(await codeOf(caller(client).runOnLines(read, { args: { now: '' } }))).toEqual(['busy', false])
  expect(client.sent.length).toBeLessThan(20)
})

it('tells an error reply as a definite error', async () => {
  expect(await codeOf(caller(fakeClient(() => new Error('OOM command not allowed'))).run(lease, call))).toEqual([
    'out_of_memory',
    false,
  ])
})

it('tells an error after a part of an act as indeterminate, and one after nothing or after a look as it is', async () => {
  const fails = (whole: number) => fakeClient((_, count) => (count < whole ? '1 5' : new Error('OOM')))
  const three = async (one: Caller): Promise<unknown> => codeOf(one.runAll(lease, [call, call, call]))
  expect(await three(caller(fails(1)).forActs())).toEqual(['out_of_memory', true])
  expect(await three(caller(fails(0)).forActs())).toEqual(['out_of_memory', false])
  expect(await three(caller(fails(1)))).toEqual(['out_of_memory', false])

  const acting = caller(fails(1)).forActs()
  await acting.run(lease, call)
  expect(await codeOf(acting.run(lease, call))).toEqual(['out_of_memory', true])
  const moving = caller(fakeClient((_, count) => (count < 1 ? 'moved\u001da|local' : new Error('OOM')))).forActs()
  expect(await codeOf(moving.runOnLines(read, { args: { now: '' } }))).toEqual(['out_of_memory', false])
})

it('tells a lost connection and a missing answer as indeterminate', async () => {
  const lost = fakeClient(() => Promise.reject(new Error('Connection is closed.')))
  expect(await codeOf(caller(lost).run(lease, call))).toEqual(['connection', true])
  expect(await codeOf(caller(fakeClient(never), 5).run(lease, call))).toEqual(['timeout', true])
})

it.for([
  ['nothing', null],
  ['no text at the front', [1, 'a']],
  ['a number behind it', ['a', 1]],
] as const)('takes %s for no answer of a script', async ([, reply]) => {
  expect(await codeOf(caller(fakeClient(() => reply)).run(lease, call))).toEqual(['corrupt_record', false])
})

it('keeps commands, and what they hold, out of its errors', async () => {
  const failure = Object.assign(new Error('WRONGPASS invalid'), { command: { name: 'auth', args: ['secret'] } })
  const error: unknown = await caller(fakeClient(() => failure))
    .run(lease, call)
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'auth', cause: { message: 'WRONGPASS invalid' } })
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret')
  expect(error instanceof Error && Object.keys(error.cause ?? {})).not.toContain('command')
})
