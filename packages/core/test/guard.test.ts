import { guardBackend, type Backend } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { recordingBackend } from './recording-backend.ts'
import { invalid, rejection, rejectionOf, tooLarge, type Refusal } from './refusal.ts'
import { ID, idOf, sampleRequest } from './sample-request.ts'

type Row = readonly [what: string, parameters: readonly unknown[], refused: Refusal]

const TOO_MANY = Array.from({ length: 1_001 }, (_, i) => idOf(i))
const long = 'x'.repeat(201)
/** Two ids with a hole between them. */
const HOLES: readonly string[] = Object.assign(Array.from<string>({ length: 3 }).fill(ID, 0, 1), { 2: ID })
Reflect.deleteProperty(HOLES, 1)

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  enqueue: [
    ['no list', [undefined], invalid('requests')],
    ['one request instead of a list', [sampleRequest()], invalid('requests')],
    ['too many', [TOO_MANY], tooLarge('requests')],
    ['nothing in the list', [[sampleRequest(), null]], invalid('requests[1]')],
    ['a bad field', [[sampleRequest(), { ...sampleRequest(), priority: '5' }]], invalid('requests[1].priority')],
    ['an unknown field', [[{ ...sampleRequest(), retries: 5 }]], invalid('requests[0].retries')],
  ],
  get: [
    ['no list', [ID], invalid('ids')],
    ['a bad id', [[ID, '../../etc/passwd']], invalid('ids[1]')],
    ['upper case', [[ID.toUpperCase()]], invalid('ids[0]')],
    ['null', [[null]], invalid('ids[0]')],
    ['a hole', [HOLES], invalid('ids')],
    ['too many', [TOO_MANY], tooLarge('ids')],
  ],
  getByKey: [
    ['no list', [{}], invalid('keys')],
    ['a text', [['k']], invalid('keys[0]')],
    ['null', [[null]], invalid('keys[0]')],
    ['an unknown scope', [[{ scope: 'queue', key: 'k' }]], invalid('keys[0].scope')],
    ['no task', [[{ scope: 'task', key: 'k' }]], invalid('keys[0].taskName')],
    ['a task too many', [[{ scope: 'namespace', key: 'k', taskName: 'a' }]], invalid('keys[0].taskName')],
    ['an empty key', [[{ scope: 'namespace', key: '' }]], invalid('keys[0].key')],
    ['a long key', [[{ scope: 'namespace', key: 'x'.repeat(513) }]], tooLarge('keys[0].key')],
    ['a lone surrogate', [[{ scope: 'namespace', key: '\ud800' }]], invalid('keys[0].key')],
  ],
  list: [
    ['nothing', [undefined], invalid('list')],
    ['an unknown view', [{ view: 'done' }], invalid('list.view')],
    ['an unknown option', [{ view: 'next', status: 'pending' }], invalid('list.status')],
    ['a bad queue', [{ view: 'next', queue: '*' }], invalid('list.queue')],
    ['a bad task', [{ view: 'next', taskName: '' }], invalid('list.taskName')],
    ['a bad execution backend', [{ view: 'next', executionBackend: null }], invalid('list.executionBackend')],
    ['a bad external', [{ view: 'next', external: 'yes' }], invalid('list.external')],
    ['since for what has not ended', [{ view: 'running', since: 0 }], invalid('list.since')],
    ['since for next', [{ view: 'next', since: 0 }], invalid('list.since')],
    ['a bad since', [{ view: 'failed', since: new Date() }], invalid('list.since')],
    ['a bad order', [{ view: 'failed', order: 'newest' }], invalid('list.order')],
    ['a negative limit', [{ view: 'next', limit: -1 }], invalid('list.limit')],
    ['half a record', [{ view: 'next', limit: 1.5 }], invalid('list.limit')],
    ['a limit that is a text', [{ view: 'next', limit: '10' }], invalid('list.limit')],
    ['NaN records', [{ view: 'next', limit: Number.NaN }], invalid('list.limit')],
    ['a huge limit', [{ view: 'next', limit: 1e9 }], invalid('list.limit')],
    ['an empty cursor', [{ view: 'next', cursor: '' }], invalid('list.cursor')],
    ['a cursor that is a number', [{ view: 'next', cursor: 5 }], invalid('list.cursor')],
  ],
  cancel: [
    ['nothing', [undefined], invalid('cancel')],
    ['no ids', [{}], invalid('cancel.ids')],
    ['a bad id', [{ ids: ['x'] }], invalid('cancel.ids[0]')],
    ['too many', [{ ids: TOO_MANY }], tooLarge('cancel.ids')],
    ['a bad includeRunning', [{ ids: [], includeRunning: 'no' }], invalid('cancel.includeRunning')],
    ['an empty reason', [{ ids: [], reason: '' }], invalid('cancel.reason')],
    ['a long reason', [{ ids: [], reason: 'x'.repeat(1_025) }], tooLarge('cancel.reason')],
    ['an unknown option', [{ ids: [], force: true }], invalid('cancel.force')],
  ],
  sweep: [
    ['nothing', [undefined], invalid('sweep')],
    ['null', [null], invalid('sweep')],
    ['an unknown duty', [{ what: 'old' }], invalid('sweep.what')],
    ['no stale age', [{ what: 'stale' }], invalid('sweep.staleAfterMs')],
    ['stale at once', [{ what: 'stale', staleAfterMs: 0 }], invalid('sweep.staleAfterMs')],
    ['a negative age', [{ what: 'stale', staleAfterMs: -1 }], invalid('sweep.staleAfterMs')],
    ['NaN', [{ what: 'stale', staleAfterMs: Number.NaN }], invalid('sweep.staleAfterMs')],
    ["another duty's option", [{ what: 'expired', staleAfterMs: 1 }], invalid('sweep.staleAfterMs')],
    ['no age', [{ what: 'finished' }], invalid('sweep.olderThanMs')],
    ['younger than resends', [{ what: 'finished', olderThanMs: 599_999 }], invalid('sweep.olderThanMs')],
    [
      'what has not ended',
      [{ what: 'finished', olderThanMs: 1e6, statuses: ['running'] }],
      invalid('sweep.statuses[0]'),
    ],
    ['a status that is none', [{ what: 'finished', olderThanMs: 1e6, statuses: 'failed' }], invalid('sweep.statuses')],
    ['a bad queue', [{ what: 'expired', queues: ['a', '*'] }], invalid('sweep.queues[1]')],
    ['one queue as a text', [{ what: 'expired', queues: 'a' }], invalid('sweep.queues')],
    ['a bad limit', [{ what: 'expired', limit: -1 }], invalid('sweep.limit')],
    ['a huge limit', [{ what: 'expired', limit: 1_001 }], invalid('sweep.limit')],
  ],
  assign: [
    ['no list', [{}], invalid('assignments')],
    ['null', [[null]], invalid('assignments[0]')],
    ['a bad id', [[{ id: 'x', attempt: 0, executionRef: null }]], invalid('assignments[0].id')],
    ['no attempt', [[{ id: ID, executionRef: null }]], invalid('assignments[0].attempt')],
    ['a negative attempt', [[{ id: ID, attempt: -1, executionRef: null }]], invalid('assignments[0].attempt')],
    ['no reference', [[{ id: ID, attempt: 0 }]], invalid('assignments[0].executionRef')],
    ['an empty reference', [[{ id: ID, attempt: 0, executionRef: '' }]], invalid('assignments[0].executionRef')],
    ['a long reference', [[{ id: ID, attempt: 0, executionRef: long }]], tooLarge('assignments[0].executionRef')],
    [
      'a bad expectation',
      [[{ id: ID, attempt: 0, executionRef: null, expectedRef: 5 }]],
      invalid('assignments[0].expectedRef'),
    ],
    [
      'a bad backend',
      [[{ id: ID, attempt: 0, executionRef: null, executionBackend: '*' }]],
      invalid('assignments[0].executionBackend'),
    ],
    [
      'a bad profile',
      [[{ id: ID, attempt: 0, executionRef: null, executionProfile: '' }]],
      invalid('assignments[0].executionProfile'),
    ],
    ['an unknown option', [[{ id: ID, attempt: 0, executionRef: null, ref: 1 }]], invalid('assignments[0].ref')],
    ['too many', [TOO_MANY], tooLarge('assignments')],
  ],
  statistics: [
    ['null', [null], invalid('statistics')],
    ['a bad queue', [{ queue: '*' }], invalid('statistics.queue')],
    ['an unknown option', [{ queues: ['a'] }], invalid('statistics.queues')],
  ],
  watch: [
    ['nothing', [undefined], invalid('watch')],
    ['a bad line', [{ lines: [{ queue: 'a' }] }], invalid('watch.lines[0].executionBackend')],
    [
      'an unknown part of a line',
      [{ lines: [{ queue: 'a', executionBackend: 'b', limit: 1 }] }],
      invalid('watch.lines[0].limit'),
    ],
    ['null for a line', [{ lines: [null] }], invalid('watch.lines[0]')],
    ['no list of lines', [{ lines: 'a' }], invalid('watch.lines')],
    ['a bad id', [{ ids: ['x'] }], invalid('watch.ids[0]')],
    ['a bad worker', [{ workerId: '' }], invalid('watch.workerId')],
    ['a bad signal', [{ signal: new AbortController() }], invalid('watch.signal')],
    ['an unknown option', [{ queue: 'a' }], invalid('watch.queue')],
  ],
  lease: [
    ['nothing', [undefined], invalid('lease')],
    ['a bad name', [{ name: '', token: 't', ttlMs: 1 }], invalid('lease.name')],
    ['a bad token', [{ name: 'n', token: 'a b', ttlMs: 1 }], invalid('lease.token')],
    ['no time', [{ name: 'n', token: 't', ttlMs: 0 }], invalid('lease.ttlMs')],
    ['a bad release', [{ name: 'n', token: 't', ttlMs: 1, release: 1 }], invalid('lease.release')],
    ['an unknown option', [{ name: 'n', token: 't', ttl: 1 }], invalid('lease.ttl')],
  ],
  replay: [
    ['no list', [ID], invalid('replay')],
    ['null', [[null]], invalid('replay[0]')],
    ['a bad id', [[{ id: 'x', attempt: 0 }]], invalid('replay[0].id')],
    ['a bad attempt', [[{ id: ID, attempt: 'all' }]], invalid('replay[0].attempt')],
    ['half an attempt', [[{ id: ID, attempt: 0.5 }]], invalid('replay[0].attempt')],
    ['an unknown option', [[{ id: ID, attempt: 0, delayMs: 5 }]], invalid('replay[0].delayMs')],
    ['a bad delay', [[], { delayMs: -1 }], invalid('replay.options.delayMs')],
    ['an unknown option of all', [[], { delay: 5 }], invalid('replay.options.delay')],
    ['too many', [TOO_MANY], tooLarge('replay')],
  ],
  audit: [
    ['null', [null], invalid('audit')],
    ['a bad repair', [{ repair: 1 }], invalid('audit.repair')],
    ['limit 0, which would never end', [{ limit: 0 }], invalid('audit.limit')],
    ['a bad cursor', [{ cursor: 5 }], invalid('audit.cursor')],
    ['an unknown option', [{ fix: true }], invalid('audit.fix')],
  ],
  'controls.pause': [
    ['nothing', [undefined], invalid('queues')],
    ['one queue instead of a list', ['mail'], invalid('queues')],
    ['a bad queue', [['mail', '*']], invalid('queues[1]')],
    ['null in the list', [[null]], invalid('queues[0]')],
    ['too many', [TOO_MANY], tooLarge('queues')],
  ],
  'controls.resume': [
    ['nothing', [undefined], invalid('queues')],
    ['a bad queue', [['']], invalid('queues[0]')],
  ],
}

const call = (backend: Backend, method: string, parameters: readonly unknown[]): Promise<unknown> => {
  const [name = '', part] = method.split('.').toReversed()
  const owner: object = part === undefined ? backend : backend.controls
  const member: unknown = Reflect.get(owner, name)
  if (typeof member !== 'function') throw new Error(`there is no ${method}`)
  return Promise.resolve(Reflect.apply(member, owner, parameters))
}

describe('bad arguments are refused before anything is called', () => {
  for (const [method, rows] of Object.entries(ROWS)) {
    describe(method, () => {
      it.each(rows)('%s', async (_what, parameters, refused) => {
        const { backend, calls } = recordingBackend()
        expect(await rejection(() => call(guardBackend(backend), method, parameters))).toEqual(refused)
        expect(calls).toEqual([])
      })
    })
  }
})

describe('good arguments are passed on as they are', () => {
  const page = { records: [], cursor: null }
  it.each<[method: string, parameters: readonly unknown[]]>([
    ['enqueue', [[sampleRequest()]]],
    ['get', [[ID, ID, idOf(2)]]],
    [
      'getByKey',
      [
        [
          { scope: 'task', taskName: 'a', key: 'k' },
          { scope: 'namespace', key: '😀' },
        ],
      ],
    ],
    ['list', [{ view: 'next' }]],
    [
      'list',
      [{ view: 'running', queue: 'a', taskName: 'b', executionBackend: 'c', external: false, limit: 0, cursor: null }],
    ],
    ['list', [{ view: 'failed', since: 5, order: 'asc', limit: 1_000, cursor: 'c' }]],
    ['turn', [{ workerId: 'w', slot: 0, nonce: 'n' }]],
    ['cancel', [{ ids: [ID], includeRunning: true, reason: 'r' }]],
    ['cancel', [{ ids: [ID] }]],
    ['sweep', [{ what: 'stale', staleAfterMs: 1, queues: ['a'], limit: 5 }]],
    ['sweep', [{ what: 'expired' }]],
    ['sweep', [{ what: 'finished', olderThanMs: 600_000, statuses: ['failed'], limit: 0 }]],
    [
      'assign',
      [
        [
          {
            id: ID,
            attempt: 'any',
            executionRef: 'r',
            expectedRef: null,
            executionBackend: 'b',
            executionProfile: null,
          },
        ],
      ],
    ],
    ['statistics', [{ queue: 'a' }]],
    ['lease', [{ name: 'n', token: 't', ttlMs: 1, release: false }]],
    [
      'replay',
      [
        [
          { id: ID, attempt: 0 },
          { id: ID, attempt: 'any' },
        ],
        { delayMs: 0 },
      ],
    ],
    ['audit', [{ repair: true, cursor: 'c', limit: 1 }]],
    ['destroy', []],
    ['controls.pause', [['a', 'b']]],
    ['controls.resume', [null]],
    ['controls.paused', []],
  ])('%s', async (method, parameters) => {
    const answer = Object.freeze({ ...page, method })
    const { backend, calls } = recordingBackend({ [method]: () => Promise.resolve(answer) })
    const answered = await call(guardBackend(backend), method, parameters)
    if (method !== 'destroy' && !method.startsWith('controls.')) expect(answered).toBe(answer)
    expect(calls).toEqual([
      { method: 'open', parameters: [] },
      { method, parameters },
    ])
  })

  it('and left out ones stay away', async () => {
    const { backend, calls } = recordingBackend({ statistics: never, audit: never, replay: never })
    const guarded = guardBackend(backend)
    await Promise.allSettled([guarded.statistics(), guarded.audit(), guarded.replay([{ id: ID, attempt: 1 }])])
    expect(calls.slice(1)).toEqual([
      { method: 'statistics', parameters: [{}] },
      { method: 'audit', parameters: [{}] },
      { method: 'replay', parameters: [[{ id: ID, attempt: 1 }], {}] },
    ])
  })
})

const never = (): Promise<never> => Promise.reject(new Error('not asked'))

describe('nothing to do is not passed on', () => {
  it.each<[method: string, parameter: unknown]>([
    ['enqueue', []],
    ['get', []],
    ['getByKey', []],
    ['cancel', { ids: [] }],
    ['assign', []],
    ['replay', []],
  ])('%s of nothing', async (method, parameter) => {
    const { backend, methods } = recordingBackend()
    expect(await call(guardBackend(backend), method, [parameter])).toEqual([])
    expect(methods()).toEqual(['open'])
  })
})

it('a queue that is named twice is passed on once, and no queue not at all', async () => {
  const { backend, calls } = recordingBackend()
  const { controls } = guardBackend(backend)
  await controls.pause(['a', 'b', 'a'])
  await controls.pause([])
  await controls.resume([])
  expect(calls.slice(1)).toEqual([{ method: 'controls.pause', parameters: [['a', 'b']] }])
})

describe('the limits are those of the backend', () => {
  it('for batches, keys and texts', async () => {
    const { backend, calls } = recordingBackend({}, { batch: 2, keyBytes: 3, payloadBytes: 10 })
    const guarded = guardBackend(backend)
    expect(guarded.capabilities).toBe(backend.capabilities)
    expect(await rejection(() => guarded.get([ID, ID, ID]))).toEqual(tooLarge('ids'))
    expect(await rejection(() => guarded.getByKey([{ scope: 'namespace', key: 'four' }]))).toEqual(
      tooLarge('keys[0].key'),
    )
    const request = sampleRequest({ body: '{"args":[1,2]}' })
    expect(await rejection(() => guarded.enqueue([request]))).toEqual(tooLarge('requests[0].body'))
    expect(calls).toEqual([])
  })
})

it('no refusal shows what was given', async () => {
  const guarded = guardBackend(recordingBackend().backend)
  const errors = await Promise.all([
    rejectionOf(() => guarded.get(['secret'])),
    rejectionOf(() => guarded.statistics({ queue: ' secret' })),
    rejectionOf(() => call(guarded, 'list', [{ view: 'secret' }])),
  ])
  for (const { message } of errors) expect(message).not.toContain('secret')
})
