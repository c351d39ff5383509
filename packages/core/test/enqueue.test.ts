import { createClient, isId, manualClock, QueueError, task, type TaskRequest } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createdBy } from './created-by.ts'
import { recordingBackend, type Recording } from './recording-backend.ts'
import { invalid, rejection, rejectionOf, tooLarge, unserializable, type Refusal } from './refusal.ts'
import { sampleRecord } from './sample-record.ts'
import { idOf } from './sample-request.ts'

const note = task<{ n?: number; text?: string }, null>('note')
const sendEmail = task('email.send', { input: z.object({ to: z.email() }), queue: 'mail', priority: 7, retries: 3 })

const lenient = task('lenient', {
  input: { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: {} }) } },
})

type Row = [what: string, parameters: readonly unknown[], refused: Refusal]

/** What was sent, call by call. */
function sent({ calls }: Recording): readonly (readonly TaskRequest[])[] {
  return calls
    .filter(({ method }) => method === 'enqueue')
    .map(({ parameters: [requests] }) => requests as readonly TaskRequest[])
}

function recorded(limits = {}): { recording: Recording; client: ReturnType<typeof createClient> } {
  const recording = recordingBackend({ enqueue: createdBy }, limits)
  return { recording, client: createClient({ backend: recording.backend, clock: manualClock() }) }
}

describe('what is enqueued', () => {
  it("takes the task's options where it has none of its own", async () => {
    const { recording, client } = recorded()
    const handle = await client.enqueue(sendEmail, { to: 'a@example.test' })
    const [[request] = []] = sent(recording)
    expect(request).toEqual({
      id: handle.id,
      taskName: 'email.send',
      queue: 'mail',
      body: '{"kwargs":{"to":"a@example.test"}}',
      priority: 7,
      key: null,
      keyScope: null,
      keyHold: null,
      keyWindowMs: null,
      onConflict: 'keep',
      group: null,
      parentId: null,
      maxRetries: 3,
      maxRecoveries: 3,
      requeueOnStale: true,
      delayMs: null,
      scheduledAt: null,
      expiresInMs: null,
      expiresAt: null,
      executionBackend: 'local',
      executionProfile: null,
    })
    expect(isId(handle.id)).toBe(true)
    expect(handle).toMatchObject({ taskName: 'email.send', outcome: 'created', record: { id: handle.id } })
  })

  it('takes options of its own', async () => {
    const { recording, client } = recorded()
    const at = new Date(1_900_000_000_000)
    await client.enqueue(
      sendEmail,
      { to: 'a@example.test' },
      {
        scheduledAt: at,
        expiresAt: 1_950_000_000_000,
        key: 'k',
        keyScope: 'namespace',
        keyHold: { window: '10m' },
        onConflict: 'extend',
        queue: 'slow',
        priority: -1,
        retries: 0,
        maxRecoveries: 9,
        requeueOnStale: false,
        executionBackend: 'gpu',
        executionProfile: 'large',
        args: [1, [2]],
        metadata: { trace: 'x' },
      },
    )
    await client.enqueue(note, {}, { delay: '5m', expiresIn: '1h' })
    const [[first] = [], [second] = []] = sent(recording)
    expect(first).toMatchObject({
      scheduledAt: 1_900_000_000_000,
      delayMs: null,
      expiresAt: 1_950_000_000_000,
      expiresInMs: null,
      key: 'k',
      keyScope: 'namespace',
      keyHold: 'window',
      keyWindowMs: 600_000,
      onConflict: 'extend',
      queue: 'slow',
      priority: -1,
      maxRetries: 0,
      maxRecoveries: 9,
      requeueOnStale: false,
      executionBackend: 'gpu',
      executionProfile: 'large',
      body: '{"args":[1,[2]],"kwargs":{"to":"a@example.test"},"metadata":{"trace":"x"}}',
    })
    expect(second).toMatchObject({
      delayMs: 300_000,
      scheduledAt: null,
      expiresInMs: 3_600_000,
      expiresAt: null,
      body: '{}',
    })
  })

  it('is what the input was at that moment', async () => {
    const { recording, client } = recorded()
    const input = { text: 'before', list: [1] }
    const metadata = { origin: 'before' }
    const open = task('open')
    const call = client.enqueue(open, input, { metadata })
    input.text = 'after'
    input.list.push(2)
    metadata.origin = 'after'
    await call
    expect(sent(recording)[0]?.[0]?.body).toBe('{"kwargs":{"text":"before","list":[1]},"metadata":{"origin":"before"}}')
  })

  it('is the input as given, not as its schema parses it', async () => {
    const { recording, client } = recorded()
    const padded = task('padded', { input: z.object({ text: z.string().trim(), n: z.number().default(5) }) })
    await client.enqueue(padded, { text: '  x  ' })
    expect(sent(recording)[0]?.[0]?.body).toBe('{"kwargs":{"text":"  x  "}}')
  })
})

describe('what is enqueued again', () => {
  it('differs in nothing but its id and its input, whatever was said for another one', async () => {
    const { recording, client } = recorded()
    await client.enqueue(sendEmail, { to: 'a@example.test' })
    await client.enqueue(sendEmail, { to: 'b@example.test' }, { priority: 1, key: 'k' })
    const { id } = await client.enqueue(sendEmail, { to: 'c@example.test' })
    const [[first] = [], , [last] = []] = sent(recording)
    expect(last).toEqual({ ...first, id, body: '{"kwargs":{"to":"c@example.test"}}' })
    expect(id).not.toBe(first?.id)
    expect(Object.isFrozen(last)).toBe(true)
  })

  it.each([
    [null, invalid('input')],
    [{ n: 1n }, unserializable('input.n')],
    [{ text: 'x'.repeat(101) }, tooLarge('input')],
  ])('is checked like the first one: %o', async (input, refused) => {
    const { recording, client } = recorded({ payloadBytes: 100 })
    await client.enqueue(note, { n: 1 })
    expect(await rejection(() => Reflect.apply(client.enqueue, client, [note, input]))).toEqual(refused)
    expect(sent(recording)).toHaveLength(1)
  })

  it.each([
    ['options', () => ({ options: { ...note.options, priority: 9 } }), { taskName: 'note', priority: 9 }],
    ['name', () => ({ name: 'other' }), { taskName: 'other', priority: 0 }],
  ])('has the %s that its task has by then', async (_, change, expected) => {
    const { recording, client } = recorded()
    const changing = { ...note }
    await client.enqueue(changing, { n: 1 })
    await client.enqueue(Object.assign(changing, change()), { n: 2 })
    expect(sent(recording)[1]).toMatchObject([expected])
  })

  it('has a task whose options nobody changes, or they are looked at each time', async () => {
    const { recording, client } = recorded()
    expect(Object.isFrozen(note.options)).toBe(true)
    const open = { ...note, options: { ...note.options } }
    await client.enqueue(open, { n: 1 })
    Object.assign(open.options, { queue: 'moved' })
    await client.enqueue(open, { n: 2 })
    expect(sent(recording)[1]).toMatchObject([{ queue: 'moved' }])
  })

  it('has a key of its own where that is made of the input', async () => {
    const { recording, client } = recorded()
    const keyed = task<{ n: number }, null>('keyed', { keyBy: 'input' })
    await client.enqueue(keyed, { n: 1 })
    await client.enqueue(keyed, { n: 2 })
    const [[first] = [], [second] = []] = sent(recording)
    expect(first?.key).not.toBe(second?.key)
  })
})

describe('a bad enqueue is refused before any I/O', () => {
  it.each<Row>([
    ['no task', [undefined, {}], invalid('task')],
    ['the name of a task', ['email.send', {}], invalid('task')],
    ['no input', [note], invalid('input')],
    ['no input where a schema would take none', [lenient], invalid('input')],
    ['an input that is null', [note, null], invalid('input')],
    ['an input that is a list', [note, [1]], invalid('input')],
    ['an input that is a text', [note, 'x'], invalid('input')],
    ['an input that JSON cannot hold', [note, { user: { tags: ['a', 1n] } }], unserializable('input.user.tags[1]')],
    ['a large input', [note, { text: 'x'.repeat(1_048_576) }], tooLarge('input')],
    ['an input that the schema refuses', [sendEmail, { to: 'nobody' }], invalid('input.to')],
    ['options that are none', [note, {}, 5], invalid('options')],
    ['null for options', [note, {}, null], invalid('options')],
    ['a misspelt option', [note, {}, { dely: 5 }], invalid('options.dely')],
    ['a bad delay', [note, {}, { delay: -5 }], invalid('options.delay')],
    ['a delay that is null', [note, {}, { delay: null }], invalid('options.delay')],
    ['a delay without end', [note, {}, { delay: Number.POSITIVE_INFINITY }], invalid('options.delay')],
    ['an instant that is a text', [note, {}, { scheduledAt: 'tomorrow' }], invalid('options.scheduledAt')],
    ['an invalid Date', [note, {}, { scheduledAt: new Date('x') }], invalid('options.scheduledAt')],
    ['a bad expiry', [note, {}, { expiresIn: '5x' }], invalid('options.expiresIn')],
    ['a bad deadline', [note, {}, { expiresAt: -1 }], invalid('options.expiresAt')],
    ...['queue', 'priority', 'retries', 'maxRecoveries', 'requeueOnStale', 'executionBackend', 'executionProfile'].map(
      (name): Row => [
        `null for ${name}`,
        [sendEmail, { to: 'a@example.test' }, { [name]: null }],
        invalid(`options.${name}`),
      ],
    ),
    ...['key', 'keyBy', 'keyScope', 'keyHold', 'onConflict', 'args', 'metadata'].map((name): Row => [
      `null for ${name}`,
      [note, {}, { key: 'k', [name]: null }],
      invalid(`options.${name}`),
    ]),
    ['two times', [note, {}, { delay: 5, scheduledAt: 5 }], invalid('options.delay')],
    ['two deadlines', [note, {}, { expiresIn: 5, expiresAt: 5 }], invalid('options.expiresIn')],
    ['an empty key', [note, {}, { key: '' }], invalid('options.key')],
    ['a long key', [note, {}, { key: 'x'.repeat(513) }], tooLarge('options.key')],
    ['the scope of no key', [note, {}, { keyScope: 'namespace' }], invalid('options.keyScope')],
    ['a bad scope', [note, {}, { key: 'k', keyScope: 'queue' }], invalid('options.keyScope')],
    ['a bad conflict', [note, {}, { onConflict: 'drop' }], invalid('options.onConflict')],
    ['a key that is made as well', [note, {}, { key: 'k', keyBy: 'task' }], invalid('options.keyBy')],
    ['a key made of something else', [note, {}, { keyBy: 'args' }], invalid('options.keyBy')],
    ['the hold of no key', [note, {}, { keyHold: 'forever' }], invalid('options.keyHold')],
    ['a bad hold', [note, {}, { key: 'k', keyHold: 'ever' }], invalid('options.keyHold')],
    ['a window without its length', [note, {}, { key: 'k', keyHold: 'window' }], invalid('options.keyHold')],
    ['a window of another name', [note, {}, { key: 'k', keyHold: { ms: 5 } }], invalid('options.keyHold.ms')],
    ['a bad window', [note, {}, { key: 'k', keyHold: { window: '10x' } }], invalid('options.keyHold.window')],
    ['no window at all', [note, {}, { key: 'k', keyHold: { window: 0 } }], invalid('options.keyHold.window')],
    ['a bad queue', [note, {}, { queue: '{mail}' }], invalid('options.queue')],
    ['a bad priority', [note, {}, { priority: 1.5 }], invalid('options.priority')],
    ['negative retries', [note, {}, { retries: -1 }], invalid('options.retries')],
    ['bad recoveries', [note, {}, { maxRecoveries: '3' }], invalid('options.maxRecoveries')],
    ['a bad requeueOnStale', [note, {}, { requeueOnStale: 'false' }], invalid('options.requeueOnStale')],
    ['a bad execution backend', [note, {}, { executionBackend: '' }], invalid('options.executionBackend')],
    ['a bad profile', [note, {}, { executionProfile: '' }], invalid('options.executionProfile')],
  ])('%s', async (_what, parameters, refused) => {
    const { recording, client } = recorded()
    expect(await rejection(() => Reflect.apply(client.enqueue, client, parameters))).toEqual(refused)
    expect(recording.calls).toEqual([])
  })

  it('args and metadata, too', async () => {
    const { recording, client } = recorded()
    const refused = await Promise.all([
      rejectionOf(() => client.enqueue(note, {}, { args: [1n] })),
      rejectionOf(() => Reflect.apply(client.enqueue, client, [note, {}, { args: {} }])),
      rejectionOf(() => Reflect.apply(client.enqueue, client, [note, {}, { metadata: { a: { b: 1n } } }])),
      rejectionOf(() => Reflect.apply(client.enqueue, client, [note, {}, { metadata: [] }])),
    ])
    expect(refused.map(({ code, parameter }) => ({ code, parameter }))).toEqual([
      unserializable('options.args[0]'), invalid('options.args'), unserializable('options.metadata.a.b'), invalid('options.metadata'),
    ]) // prettier-ignore
    expect(recording.calls).toEqual([])
  })

  it('and says what a window is', async () => {
    const { client } = recorded()
    const { message } = await rejectionOf(() =>
      Reflect.apply(client.enqueue, client, [note, {}, { key: 'k', keyHold: 'window' }]),
    )
    expect(message).toBe("options.keyHold must be active, untilStart, forever, or for a window { window: '10m' }")
  })

  it('by the limits of its backend', async () => {
    const { recording, client } = recorded({ payloadBytes: 20, depth: 2, keyBytes: 3 })
    expect(await rejection(() => client.enqueue(note, { text: 'x'.repeat(20) }))).toEqual(tooLarge('input'))
    expect(await rejection(() => client.enqueue(task('open'), { a: { b: {} } }))).toEqual(tooLarge('input'))
    expect(await rejection(() => client.enqueue(note, {}, { key: 'four' }))).toEqual(tooLarge('options.key'))
    expect(recording.calls).toEqual([])
  })

  it('without keeping the others of its tick', async () => {
    const { recording, client } = recorded()
    const calls = [
      client.enqueue(note, { n: 1 }),
      client.enqueue(sendEmail, { to: 'x' }),
      client.enqueue(note, { n: 2 }),
    ]
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(sent(recording)).toHaveLength(1)
  })
})

describe('a key', () => {
  it("of the whole namespace that another task's record holds is a conflict", async () => {
    const holder = sampleRecord({ id: idOf(9), taskName: 'other' })
    const { backend } = recordingBackend({ enqueue: () => Promise.resolve([{ outcome: 'existing', record: holder }]) })
    const client = createClient({ backend })
    const error = await rejectionOf(() => client.enqueue(note, {}, { key: 'k', keyScope: 'namespace' }))
    expect(error).toMatchObject({ code: 'key_conflict', parameter: 'options.key', retryable: false })
    expect(error.message).toBe(`the key belongs to other ${idOf(9)}, a record of another task`)
  })

  it.each(['existing', 'replaced'] as const)('of the same task is %s', async (outcome) => {
    const record = sampleRecord({ id: idOf(9), taskName: 'note' })
    const { backend } = recordingBackend({ enqueue: () => Promise.resolve([{ outcome, record }]) })
    const handle = await createClient({ backend }).enqueue(note, {}, { key: 'k' })
    expect(handle).toMatchObject({ outcome, id: idOf(9), record })
  })
})

it('an error of the backend comes out as it is', async () => {
  const problem = new QueueError('connection', 'refused')
  const { backend } = recordingBackend({ enqueue: () => Promise.reject(problem) })
  await expect(createClient({ backend }).enqueue(note, {})).rejects.toBe(problem)
})
