import {
  createClient,
  decodeError,
  manualClock,
  QueueError,
  type Client,
  type Settlement,
  type TurnRequest,
} from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { recordingBackend } from './recording-backend.ts'
import { invalid, rejection, tooLarge, unserializable, type Refusal } from './refusal.ts'
import { sampleRecord } from './sample-record.ts'
import { ID, idOf } from './sample-request.ts'

const ANSWER = {
  settled: [], records: [], more: false, nextDueAt: null, expired: [], lost: [], cancelled: [], unknown: [], now: 0,
} // prettier-ignore

/** A client whose backend answers each turn with `answer`, and the turns that it sent. */
function open(answer: object = {}): { client: Client; turns: TurnRequest[] } {
  const turns: TurnRequest[] = []
  const { backend } = recordingBackend({
    turn(request) {
      turns.push(request)
      return Promise.resolve({ ...ANSWER, ...answer })
    },
  })
  return { client: createClient({ backend, clock: manualClock() }), turns }
}

const held = { id: ID, attempt: 2 }
const record = sampleRecord({ status: 'running', attempt: 2 })

describe('claiming is a turn with a claim', () => {
  it('by id', async () => {
    const { client, turns } = open({ records: [record] })
    expect(await client.claimTask(ID, { workerId: 'w' })).toBe(record)
    expect(turns).toMatchObject([{ workerId: 'w', claim: { ids: [ID] } }])
    expect(await open().client.claimTask(ID, { workerId: 'w' })).toBeNull()
  })

  it('of the next one', async () => {
    const { client, turns } = open({ records: [record] })
    expect(await client.claimNext({ workerId: 'w' })).toBe(record)
    const line = { queue: 'default', executionBackend: 'local' }
    expect(turns).toMatchObject([{ workerId: 'w', claim: { lines: [line], limit: 1, order: 'priority' } }])
    expect(await open().client.claimNext({ workerId: 'w' })).toBeNull()
  })

  it('of many, over several queues', async () => {
    const { client, turns } = open({ records: [record, record] })
    const options = { workerId: 'w', queues: ['a', 'b'], executionBackend: 'gpu', order: 'listed' } as const
    expect(await client.claimMany(5, options)).toEqual([record, record])
    expect(turns[0]?.claim).toEqual({
      lines: [
        { queue: 'a', executionBackend: 'gpu' },
        { queue: 'b', executionBackend: 'gpu' },
      ],
      limit: 5,
      order: 'listed',
    })
  })

  it.each<[what: string, act: (client: Client) => Promise<unknown>, refused: Refusal]>([
    ['no options', (client) => call(client, 'claimNext', []), invalid('options')],
    ['no worker', (client) => call(client, 'claimNext', [{}]), invalid('options.workerId')],
    ['no worker by id', (client) => call(client, 'claimTask', [ID, {}]), invalid('options.workerId')],
    ['no options by id', (client) => call(client, 'claimTask', [ID]), invalid('options')],
    [
      'queues by id',
      (client) => call(client, 'claimTask', [ID, { workerId: 'w', queues: [] }]),
      invalid('options.queues'),
    ],
    ['a bad worker', (client) => client.claimNext({ workerId: 'a b' }), invalid('options.workerId')],
    [
      'one queue as a text',
      (client) => call(client, 'claimNext', [{ workerId: 'w', queues: 'a' }]),
      invalid('options.queues'),
    ],
    [
      'a misspelt option',
      (client) => call(client, 'claimMany', [1, { workerId: 'w', queue: 'a' }]),
      invalid('options.queue'),
    ],
  ])('and refuses %s before any I/O', async (_what, act, refused) => {
    const { client, turns } = open()
    expect(await rejection(() => act(client))).toEqual(refused)
    expect(turns).toEqual([])
  })
})

const call = (client: Client, method: string, parameters: readonly unknown[]): Promise<unknown> => {
  const member: unknown = Reflect.get(client, method)
  if (typeof member !== 'function') throw new Error(`there is no ${method}`)
  return Reflect.apply(member, client, parameters)
}

describe('settling is a turn with a settlement', () => {
  const settled = [{ id: ID, outcome: 'ok', status: 'completed' }] as const

  it.each<[what: string, act: (client: Client) => Promise<unknown>, settlement: Settlement]>([
    [
      'complete',
      (client) => client.complete(held, { ok: [1] }),
      { outcome: 'complete', ...held, result: '{"ok":[1]}' },
    ],
    ['complete with nothing', (client) => client.complete(held), { outcome: 'complete', ...held, result: 'null' }],
    ['complete a record', (client) => client.complete(record, 5), { outcome: 'complete', ...held, result: '5' }],
    [
      'complete unfenced',
      (client) => client.complete({ id: ID, attempt: 'any' }),
      { outcome: 'complete', id: ID, attempt: 'any', result: 'null' },
    ],
    ['snooze', (client) => client.snooze(held, '5m'), { outcome: 'snooze', ...held, delayMs: 300_000 }],
    ['release', (client) => client.release(record), { outcome: 'release', ...held }],
  ])('%s', async (_what, act, settlement) => {
    const { client, turns } = open({ settled })
    expect(await act(client)).toBe(settled[0])
    expect(turns).toHaveLength(1)
    expect(turns[0]?.settlements).toEqual([settlement])
    expect(turns[0]).not.toHaveProperty('claim')
    expect(turns[0]).not.toHaveProperty('touches')
  })

  it.each<[what: string, options: object | undefined, retryInMs: number | null]>([
    ['retried at once by default', undefined, 0],
    ['retried later', { retryIn: '10s' }, 10_000],
    ['retried, said twice', { retry: true, retryIn: 5 }, 5],
    ['not retried', { retry: false }, null],
    ['not retried, whatever the delay', { retry: false, retryIn: '10s' }, null],
  ])('fail: %s', async (_what, options, retryInMs) => {
    const { client, turns } = open({ settled })
    const error = new QueueError('busy', 'no room')
    expect(await client.fail(held, error, options)).toBe(settled[0])
    const [settlement] = turns[0]?.settlements ?? []
    if (settlement?.outcome !== 'fail') throw new Error('not a failure')
    expect(settlement).toMatchObject({ ...held, retryInMs })
    expect(decodeError(JSON.parse(settlement.error))).toMatchObject({
      name: 'QueueError',
      message: 'no room',
      code: 'busy',
    })
  })

  it('answers missing where the backend says nothing', async () => {
    expect(await open().client.release(held)).toEqual({ id: ID, outcome: 'missing', status: null })
  })

  it.each<[what: string, act: (client: Client) => Promise<unknown>, refused: Refusal]>([
    [
      'a result that JSON cannot hold',
      (client) => client.complete(held, { at: new Date() }),
      unserializable('result.at'),
    ],
    ['a large result', (client) => client.complete(held, 'x'.repeat(1_048_576)), tooLarge('result')],
    ['a bad delay', (client) => call(client, 'snooze', [held, 'later']), invalid('delay')],
    ['a bad retry', (client) => call(client, 'fail', [held, 'x', { retry: 'no' }]), invalid('options.retry')],
    ['a bad retryIn', (client) => call(client, 'fail', [held, 'x', { retryIn: -1 }]), invalid('options.retryIn')],
    ['a misspelt option', (client) => call(client, 'fail', [held, 'x', { delay: 5 }]), invalid('options.delay')],
    ['no attempt', (client) => call(client, 'complete', [null]), invalid('attempt')],
    ['an id alone', (client) => call(client, 'release', [ID]), invalid('attempt')],
    ['no list', (client) => call(client, 'disown', [held]), invalid('attempts')],
    ['null in the list', (client) => call(client, 'disown', [[held, null]]), invalid('attempts[1]')],
  ])('and refuses %s before any I/O', async (_what, act, refused) => {
    const { client, turns } = open({ settled })
    expect(await rejection(() => act(client))).toEqual(refused)
    expect(turns).toEqual([])
  })
})

describe('a heartbeat is a turn with a touch', () => {
  it.each<[answer: object, said: string]>([
    [{}, 'ok'],
    [{ lost: [ID] }, 'lost'],
    [{ cancelled: [ID] }, 'refused'],
    [{ lost: [idOf(2)], cancelled: [idOf(3)] }, 'ok'],
  ])('%j is %s', async (answer, said) => {
    const { client, turns } = open(answer)
    expect(await client.heartbeat(record)).toBe(said)
    expect(turns[0]?.touches).toEqual([held])
  })

  it.each<[progress: unknown, text: string]>([
    [0.5, '0.5'],
    [null, 'null'],
    [{ done: [1] }, '{"done":[1]}'],
  ])('with progress %j', async (progress, text) => {
    const { client, turns } = open()
    await client.heartbeat(held, { progress })
    expect(turns[0]?.touches).toEqual([{ ...held, progress: text }])
  })

  it('refuses progress that JSON cannot hold, and what it does not know', async () => {
    const { client, turns } = open()
    expect(await rejection(() => client.heartbeat(held, { progress: { n: 1n } }))).toEqual(
      unserializable('options.progress.n'),
    )
    expect(await rejection(() => call(client, 'heartbeat', [held, { alive: false }]))).toEqual(invalid('options.alive'))
    expect(turns).toEqual([])
  })

  it('that declares holders dead answers those that were not theirs', async () => {
    const { client, turns } = open({ lost: [idOf(2)] })
    expect(await client.disown([record, { id: idOf(2), attempt: 1 }])).toEqual([idOf(2)])
    expect(turns[0]?.touches).toEqual([
      { ...held, alive: false },
      { id: idOf(2), attempt: 1, alive: false },
    ])
    expect(await client.disown([])).toEqual([idOf(2)])
  })
})

it('each call has a nonce and the next slot of its own', async () => {
  const { client, turns } = open()
  for (let i = 0; i < 17; i++) await client.release(held)
  expect(new Set(turns.map(({ nonce }) => nonce)).size).toBe(17)
  expect(new Set(turns.slice(0, 16).map(({ slot }) => slot)).size).toBe(16)
  expect(turns.every(({ slot }) => slot >= 0 && slot < 16)).toBe(true)
  expect(turns[16]?.slot).toBe(turns[0]?.slot)
  expect(new Set(turns.map(({ workerId }) => workerId)).size).toBe(1)
  const another = open()
  await another.client.release(held)
  expect(another.turns[0]?.workerId).not.toBe(turns[0]?.workerId)
})
