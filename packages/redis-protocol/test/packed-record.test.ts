import { createIdMaker, DEFAULT_LIMITS, encodeBody, taskRequest } from '@millrace/core'
import { expect, it } from 'vitest'
import { packBody, packRequest, statusOf, unpack, type Aside } from '../src/packed-record.ts'

const makeId = createIdMaker({ now: () => 1_800_000_000_000 })
const id = makeId()
const nothing: Aside = { beat: '', progress: null, next: () => '' }
/** The fields of a pending record in their order. */
const FIELDS = {
  codes: 'pe', attempt: '0', started: '', completed: '', worker: '', queued: '1800000000000', expires: '', ref: '', line: '', priority: '',
  created: '', maxRetries: '', retryCount: '', maxRecoveries: '', recoveries: '', requeue: '', replays: '', scheduled: '', replaced: '',
  task: 'demo.task', key: '', profile: '', group: '', parent: '',
} // prettier-ignore

function text(fields: Partial<typeof FIELDS> = {}, outcome = '', body = '{}'): string {
  return `${Object.values({ ...FIELDS, ...fields }).join('\t')}\n${outcome}\n${body}`
}

it('reads what is empty as its default', () => {
  const { record, isReadable } = unpack(id, text(), 0, nothing)
  expect(isReadable).toBe(true)
  expect(record).toMatchObject({
    id, taskName: 'demo.task', queue: 'default', executionBackend: 'local', args: [], kwargs: {}, metadata: {}, priority: 0, key: null, keyScope: null,
    status: 'pending', lastEvent: 'enqueue', attempt: 0, maxRetries: 0, retryCount: 0, maxRecoveries: 3, recoveries: 0, requeueOnStale: true,
    createdAt: 1_800_000_000_000, queuedAt: 1_800_000_000_000, startedAt: null, heartbeatAt: null, result: null, error: null, progress: null,
  }) // prettier-ignore
})

it('reads every field that is there', () => {
  const parent = makeId()
  const { tail } = packRequest(taskRequest({ id, taskName: 'a', body: '{}', parentId: parent }, DEFAULT_LIMITS))
  const fields = {
    codes: 'rc', attempt: '7', started: '1', completed: '2', worker: 'w', queued: '3', expires: '4', ref: 'a\\tb', line: 'mail|cloud', priority: '-5',
    created: '6', maxRetries: '8', retryCount: '9', maxRecoveries: '10', recoveries: '11', requeue: '0', replays: '12', scheduled: '13',
    replaced: 'r', key: 'n\\u0000', profile: 'p', group: 'g', parent: /\t([^\t\n]{22})\n/.exec(tail)?.[1] ?? '',
  } // prettier-ignore
  const { record } = unpack(id, text(fields), 0, { ...nothing, beat: '14', progress: '{"done":1}' })
  expect(record).toMatchObject({
    status: 'running', lastEvent: 'claim', attempt: 7, startedAt: 1, completedAt: 2, workerId: 'w', queuedAt: 3, expiresAt: 4, executionRef: 'a\tb',
    queue: 'mail', executionBackend: 'cloud', priority: -5, createdAt: 6, maxRetries: 8, retryCount: 9, maxRecoveries: 10, recoveries: 11,
    requeueOnStale: false, replays: 12, scheduledAt: 13, key: '\u0000', keyScope: 'namespace', executionProfile: 'p', group: 'g', parentId: parent,
    heartbeatAt: 14, progress: { done: 1 },
  }) // prettier-ignore
})

it.each([
  ['t', 'task', 'active'],
  ['u', 'task', 'untilStart'],
  ['w', 'task', 'window'],
  ['f', 'task', 'forever'],
  ['n', 'namespace', 'active'],
  ['U', 'namespace', 'untilStart'],
  ['W', 'namespace', 'window'],
  ['F', 'namespace', 'forever'],
] as const)('keeps scope and hold of a key in the letter before it: %s', (letter, keyScope, keyHold) => {
  const keyWindowMs = keyHold === 'window' ? 5 : null
  const fields = { id, taskName: 'a', body: '{}', key: 'k', keyScope, keyHold, keyWindowMs }
  const { tail } = packRequest(taskRequest(fields, DEFAULT_LIMITS))
  expect(tail.split('\t')[1]).toBe(`${letter}k`)
  const { record } = unpack(id, text({ key: `${letter}k` }), 0, nothing)
  expect(record).toMatchObject({ key: 'k', keyScope, keyHold })
})

it('shows a scheduled record as pending from the instant on at which it is due', () => {
  const scheduled = text({ codes: 'se', scheduled: '100' })
  const at = (now: number): string => unpack(id, scheduled, now, nothing).record.status
  expect([at(99), at(100)]).toEqual(['scheduled', 'pending'])
})

it('reads a record to which a later version has added fields', () => {
  const { record, isReadable } = unpack(id, text({ parent: '\tx\t\ty' }, 'r1'), 0, nothing)
  expect({ isReadable, task: record.taskName, result: record.result }).toEqual({
    isReadable: true,
    task: 'demo.task',
    result: 1,
  })
})

it('reads a declared death as no heartbeat', () => {
  expect(unpack(id, text({ codes: 'rc' }), 0, { ...nothing, beat: '-inf' }).record.heartbeatAt).toBeNull()
})

it.for([
  ['r[1]', [1], null],
  ['R', 'aside', null],
  ['e{"name":"A","message":"b"}', null, { name: 'A', message: 'b' }],
] as const)('reads the outcome %s', ([outcome, result, error]) => {
  const { record } = unpack(id, text({ codes: 'cd' }, outcome), 0, { ...nothing, next: () => '"aside"' })
  expect([record.result, record.error]).toEqual([result, error])
})

it('reads a larger error and a larger body from aside', () => {
  const texts = ['{"args":[1]}', '{"name":"A","message":"b"}']
  const { record } = unpack(id, text({ codes: 'ff' }, 'E', ''), 0, { ...nothing, next: () => texts.shift() ?? '' })
  expect([record.args, record.error]).toEqual([[1], { name: 'A', message: 'b' }])
})

it.for([
  ['nothing', ''],
  ['other bytes', '{"id":"x","taskN'],
  ['a field too few', text().replace('\t', '')],
  ['no outcome line', text().replaceAll('\n', ' ')],
  ['an unknown status', text({ codes: '?e' })],
  ['an unknown event', text({ codes: 'p?' })],
  ['an attempt that is no number', text({ attempt: 'x' })],
  ['a time that is no number', text({ started: 'x' })],
  ['no task', text({ task: '' })],
  ['a line without its backend', text({ line: 'mail' })],
  ['a number in another form', text({ maxRetries: '0x10' })],
  ['a control character', text({ worker: 'w\u0001' })],
  ['a priority that is too large', text({ priority: '-12345' })],
  ['a missing time', text({ queued: '' })],
  ['a missing due time', text({ codes: 'se' })],
  ['an unknown outcome', text({}, 'z1')],
  ['a broken result', text({}, 'r{')],
  ['a broken error', text({}, 'e[]')],
  ['a broken body', text({}, '', '{')],
  ['a body of another shape', text({}, '', '[]')],
  ['a key that is not escaped', text({ key: 't\\x' })],
] as const)('shows %s as failed, corrupt_record', ([, stored]) => {
  const { record, isReadable } = unpack(id, stored, 0, nothing)
  expect(isReadable).toBe(false)
  expect(record).toMatchObject({ id, status: 'failed', error: { code: 'corrupt_record' } })
})

it('keeps a body in the record up to 512 characters, and a larger one aside', () => {
  const sized = (length: number): string => encodeBody({ args: ['x'.repeat(length - 13)] }, DEFAULT_LIMITS)
  for (const [length, isInline] of [
    [512, true],
    [513, false],
  ] as const) {
    const body = sized(length)
    expect(body).toHaveLength(length)
    expect(packBody(body)).toEqual(isInline ? { inline: body, aside: '' } : { inline: '', aside: body })
  }
})

it('knows the statuses by their letters', () => {
  expect(['w', 'p', 's', 'r', 'c', 'f', 'x', 'e', '?'].map(statusOf)).toEqual([
    'waiting', 'pending', 'scheduled', 'running', 'completed', 'failed', 'cancelled', 'expired', undefined,
  ]) // prettier-ignore
})
