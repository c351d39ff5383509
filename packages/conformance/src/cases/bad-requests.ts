import assert from 'node:assert/strict'
import { MAX_COUNT, MAX_DURATION_MS, MAX_PRIORITY, MAX_TIME } from '@millrace/core'
import type { Group } from '../harness.ts'
import { NO_IDS, NO_NAMES, noIntegers, refusalCases, type Refusal } from './refusal.ts'

/** A request whose fields are overwritten as given, `undefined` included. */
function field(
  name: string,
  values: readonly unknown[],
  rest: Partial<Refusal> & { readonly beside?: object } = {},
): Refusal {
  const { beside = {}, ...options } = rest
  return {
    method: 'enqueue',
    parameter: `requests[1].${name}`,
    calls: (bench) => values.map((value) => [[bench.request(), { ...bench.request(), ...beside, [name]: value }]]),
    ...options,
  }
}

const NO_TIMES = [...noIntegers(0, MAX_TIME).filter((value) => value !== null), 'tomorrow', new Date(0), '2026-01-01']
const NO_DURATIONS = [...noIntegers(0, MAX_DURATION_MS).filter((value) => value !== null), '5m']

const REFUSALS: readonly Refusal[] = [
  field('id', [...NO_IDS, undefined]),
  field('taskName', [...NO_NAMES, undefined]),
  field('queue', [...NO_NAMES, undefined]),
  field('executionBackend', [...NO_NAMES, undefined]),
  field('priority', [...noIntegers(-MAX_PRIORITY, MAX_PRIORITY), undefined]),
  field('maxRetries', [...noIntegers(0, MAX_COUNT), undefined]),
  field('maxRecoveries', [...noIntegers(0, MAX_COUNT), undefined]),
  field('requeueOnStale', ['false', 0, 1, null, undefined, {}]),
  field('onConflict', ['EXTEND', 'KEEP', '', null, undefined, 1]),
  field('key', ['', 5, {}, '\ud800', 'a\udc00', undefined, Symbol('k')], { beside: { keyScope: 'task' } }),
  field('key', ['x'.repeat(513), 'é'.repeat(257), '🙂'.repeat(129), 'x'.repeat(5_000_000)], {
    beside: { keyScope: 'namespace' },
    code: 'too_large',
    message: /512/,
  }),
  field('keyScope', ['global', '', 1, null], { beside: { key: 'k' } }),
  field('keyScope', ['task', 'namespace'], { message: /key/ }),
  field('keyHold', ['ever', '', 1, null, undefined], { beside: { key: 'k', keyScope: 'task' } }),
  field('keyHold', ['active', 'untilStart', 'window', 'forever'], { message: /key/ }),
  field('keyWindowMs', [...noIntegers(1, MAX_DURATION_MS), null, undefined], {
    beside: { key: 'k', keyScope: 'task', keyHold: 'window' },
  }),
  field('keyWindowMs', [1], { beside: { key: 'k', keyScope: 'task', keyHold: 'untilStart' }, message: /window/ }),
  field('keyWindowMs', [1], { message: /key/ }),
  field('group', ['', '\ud800', 5, {}, undefined]),
  field('group', ['x'.repeat(201)], { code: 'too_large' }),
  field('executionProfile', ['', '\ud800', 5, {}, undefined]),
  field('executionProfile', ['x'.repeat(201)], { code: 'too_large' }),
  field('parentId', [...NO_IDS.filter((value) => value !== null), undefined]),
  field('delayMs', NO_DURATIONS),
  field('delayMs', [0, 1], { beside: { scheduledAt: 1 }, message: /scheduledAt/ }),
  field('scheduledAt', NO_TIMES),
  field('expiresInMs', NO_DURATIONS),
  field('expiresInMs', [0, 1], { beside: { expiresAt: 1 }, message: /expiresAt/ }),
  field('expiresAt', NO_TIMES),
  field('body', ['', null, undefined, 5, {}, ['{}']]),
  field('body', [`{"args":["${'x'.repeat(1_048_565)}"]}`, `{"args":["${'é'.repeat(524_283)}"]}`], {
    code: 'too_large',
  }),
  field('priorty', [1], { message: /did you mean priority\?/ }),
  field('scheduledFor', [1], { message: /scheduledAt/ }),
  field('status', ['completed']),
  field('attempt', [7]),
  {
    method: 'enqueue',
    parameter: 'requests',
    calls: () => [[], [null], ['x'], [{}], [5], [{ length: 1 }], [[undefined]]],
  },
  { method: 'enqueue', parameter: 'requests[0]', calls: () => [[[null]], [['x']], [[[]]], [[5]]] },
  {
    method: 'enqueue',
    parameter: 'requests',
    code: 'too_large',
    message: /1000/,
    calls: (bench) => [[Array.from({ length: 1_001 }, () => bench.request())]],
  },
]

export const badRequests: Group = {
  name: 'bad requests',
  cases: [
    ...refusalCases(REFUSALS),
    {
      name: 'P7: one bad request of a batch leaves the others unstored as well',
      run: async (bench) => {
        const good = [bench.request(), bench.request()]
        const bad = { ...bench.request(), priority: 5_000 }
        await bench.expectError('invalid_argument', () => bench.backend.enqueue([...good, bad]), 'requests[2].priority')
        assert.deepEqual(await bench.backend.get(good.map(({ id }) => id)), [null, null])
      },
    },
    {
      name: 'an error names the parameter and never repeats the payload',
      run: async (bench) => {
        const request = { ...bench.request({ args: ['my secret'] }), queue: 'my secret queue' }
        const { message } = await bench.expectError('invalid_argument', () => bench.backend.enqueue([request]))
        assert.ok(message.includes('queue') && !message.includes('secret'))
      },
    },
  ],
}
