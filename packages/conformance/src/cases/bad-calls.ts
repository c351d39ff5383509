import { MAX_COUNT, MAX_DURATION_MS, MAX_TIME } from '@millrace/core'
import type { Group } from '../harness.ts'
import { NO_IDS, NO_NAMES, noIntegers, refusalCases, type Method, type Refusal } from './refusal.ts'

const LINE = { queue: 'default', executionBackend: 'local' }

/** One argument with one field overwritten by each of the wrong values. */
function wrong(method: Method, name: string, values: readonly unknown[], base: object): Refusal {
  return {
    method,
    parameter: `${method}.${name}`,
    calls: (_, id) => values.map((value) => [{ ...('ids' in base ? { ids: [id] } : {}), ...base, [name]: value }]),
  }
}

/** An array of one item with one field overwritten by each of the wrong values. */
function item(method: Method, prefix: string, name: string, values: readonly unknown[], base: object): Refusal {
  return {
    method,
    parameter: `${prefix}[0].${name}`,
    calls: (_, id) => values.map((value) => [[{ ...('scope' in base ? {} : { id }), ...base, [name]: value }]]),
  }
}

/** The argument as a whole is not what it must be. */
function whole(method: Method, parameter: string, values: readonly unknown[]): Refusal {
  return { method, parameter, calls: () => values.map((value) => [value]) }
}

function tooMany(method: Method, parameter: string, argument: (ids: readonly string[]) => unknown): Refusal {
  const calls: Refusal['calls'] = (_, id) => [[argument(Array.from({ length: 1_001 }, () => id))]]
  return { method, parameter, code: 'too_large', message: /1000/, calls }
}

const NO_OBJECTS = [null, 5, 'x', [], true]
const NO_ARRAYS = [null, 5, 'x', {}, { length: 1 }, new Set()]
const NO_FENCES = [...noIntegers(0, MAX_COUNT), undefined, 'ANY']
const PENDING = { view: 'pending' }
const STALE = { what: 'stale', staleAfterMs: 1_000 }
const FINISHED = { what: 'finished', olderThanMs: MAX_DURATION_MS }
const KEY = { scope: 'task', taskName: 'demo.task', key: 'k' }
const REFERENCE = { attempt: 1, executionRef: 'jobs/1' }
const LEASE = { name: 'duty', token: 'a', ttlMs: 1_000 }
const REPLAY = { attempt: 1 }
const CANCEL = { ids: [], includeRunning: true }

/** To both methods that take references of keys. */
function badReferences(method: Method): readonly Refusal[] {
  return [
    whole(method, 'keys', [...NO_ARRAYS, undefined]),
    whole(method, 'keys[0]', [[null], ['k'], [5], [[]]]),
    item(method, 'keys', 'scope', ['global', '', null, undefined], KEY),
    item(method, 'keys', 'taskName', [...NO_NAMES, undefined], KEY),
    item(method, 'keys', 'key', ['', 5, null, undefined, '\ud800'], KEY),
    { ...item(method, 'keys', 'key', ['x'.repeat(513), 'é'.repeat(257)], KEY), code: 'too_large' },
    item(method, 'keys', 'taskName', ['demo.task'], { scope: 'namespace', key: 'k' }),
    tooMany(method, 'keys', (ids) => ids.map(() => KEY)),
  ]
}

const REFUSALS: readonly Refusal[] = [
  whole('get', 'ids', [...NO_ARRAYS, undefined]),
  whole(
    'get',
    'ids[0]',
    NO_IDS.map((id) => [id]),
  ),
  tooMany('get', 'ids', (ids) => ids),

  ...(['getByKey', 'controls.resetKeys'] as const).flatMap(badReferences),

  whole('list', 'list', [...NO_OBJECTS, undefined]),
  wrong('list', 'view', ['', 'all', 'PENDING', null, undefined, 5, 'toString', '__proto__'], {}),
  ...(['queue', 'taskName', 'executionBackend'] as const).map((name) => wrong('list', name, NO_NAMES, PENDING)),
  wrong('list', 'external', ['true', 0, null], PENDING),
  wrong('list', 'since', [0, 1], PENDING),
  wrong('list', 'since', [-1, 0.5, '0', null, new Date(0), MAX_TIME + 1], { view: 'completed' }),
  wrong('list', 'order', ['ASC', '', null, 1], PENDING),
  wrong('list', 'limit', [...noIntegers(0, 1_000), 1e9], PENDING),
  wrong('list', 'cursor', ['', 5, {}, [], true], PENDING),
  { ...wrong('list', 'queu', ['default'], PENDING), message: /did you mean queue\?/ },

  whole('cancel', 'cancel', [...NO_OBJECTS, undefined]),
  wrong('cancel', 'ids', [...NO_ARRAYS, undefined], CANCEL),
  {
    ...wrong(
      'cancel',
      'ids',
      NO_IDS.map((id) => [id]),
      CANCEL,
    ),
    parameter: 'cancel.ids[0]',
  },
  wrong('cancel', 'includeRunning', ['true', 1, null], CANCEL),
  wrong('cancel', 'reason', ['', 5, null, '\ud800'], CANCEL),
  { ...wrong('cancel', 'reason', ['x'.repeat(1_025)], CANCEL), code: 'too_large' },
  { ...wrong('cancel', 'includesRunning', [true], CANCEL), message: /did you mean includeRunning\?/ },
  tooMany('cancel', 'cancel.ids', (ids) => ({ ids, includeRunning: true })),

  whole('sweep', 'sweep', [...NO_OBJECTS, undefined]),
  wrong('sweep', 'what', ['', 'all', 'STALE', null, undefined, 5, 'toString'], {}),
  wrong(
    'sweep',
    'staleAfterMs',
    [...noIntegers(1, MAX_DURATION_MS).filter((value) => value !== true), undefined],
    STALE,
  ),
  wrong('sweep', 'olderThanMs', [-1, 0, 0.5, '1', null, undefined, Number.NaN, MAX_DURATION_MS + 1], FINISHED),
  ...[STALE, FINISHED, { what: 'expired' }].flatMap((base) => [
    wrong('sweep', 'limit', noIntegers(0, 1_000), base),
    wrong('sweep', 'queues', NO_ARRAYS.slice(1), base),
    {
      ...wrong(
        'sweep',
        'queues',
        NO_NAMES.map((queue) => [queue]),
        base,
      ),
      parameter: 'sweep.queues[0]',
    },
  ]),
  wrong('sweep', 'statuses', NO_ARRAYS.slice(1), FINISHED),
  {
    ...wrong(
      'sweep',
      'statuses',
      ['pending', 'running', '', null, 'DONE'].map((one) => [one]),
      FINISHED,
    ),
    parameter: 'sweep.statuses[0]',
  },
  wrong('sweep', 'staleAfterMs', [1_000], { what: 'expired' }),
  wrong('sweep', 'before', [0], FINISHED),

  whole('assign', 'assignments', [...NO_ARRAYS, undefined]),
  whole('assign', 'assignments[0]', [[null], ['x'], [5], [[]]]),
  item('assign', 'assignments', 'id', NO_IDS, REFERENCE),
  item('assign', 'assignments', 'attempt', NO_FENCES, REFERENCE),
  item('assign', 'assignments', 'executionRef', ['', 5, undefined, '\ud800'], REFERENCE),
  item('assign', 'assignments', 'expectedRef', ['', 5, '\ud800'], REFERENCE),
  { ...item('assign', 'assignments', 'executionRef', ['x'.repeat(201)], REFERENCE), code: 'too_large' },
  item('assign', 'assignments', 'executionBackend', NO_NAMES, REFERENCE),
  item('assign', 'assignments', 'executionProfile', ['', 5, '\ud800'], REFERENCE),
  item('assign', 'assignments', 'status', ['running'], REFERENCE),
  tooMany('assign', 'assignments', (ids) => ids.map((id) => ({ id, ...REFERENCE }))),

  whole('statistics', 'statistics', NO_OBJECTS),
  wrong('statistics', 'queue', NO_NAMES, {}),
  wrong('statistics', 'queues', [['default']], {}),

  whole('watch', 'watch', [...NO_OBJECTS, undefined]),
  wrong('watch', 'lines', NO_ARRAYS.slice(1), {}),
  { ...wrong('watch', 'lines', [[null], ['default'], [5]], {}), parameter: 'watch.lines[0]' },
  {
    ...wrong(
      'watch',
      'lines',
      NO_NAMES.map((queue) => [{ ...LINE, queue }]),
      {},
    ),
    parameter: 'watch.lines[0].queue',
  },
  {
    ...wrong(
      'watch',
      'ids',
      NO_IDS.map((id) => [id]),
      {},
    ),
    parameter: 'watch.ids[0]',
  },
  wrong('watch', 'workerId', NO_NAMES, {}),
  wrong('watch', 'signal', [null, 5, 'x', {}, { aborted: true }], {}),
  tooMany('watch', 'watch.ids', (ids) => ({ ids })),

  whole('lease', 'lease', [...NO_OBJECTS, undefined]),
  wrong('lease', 'name', [...NO_NAMES, undefined], LEASE),
  wrong('lease', 'token', [...NO_NAMES, undefined], LEASE),
  wrong('lease', 'ttlMs', [...noIntegers(1, MAX_DURATION_MS), undefined], LEASE),
  wrong('lease', 'release', ['true', 1, null], LEASE),

  whole('replay', 'replay', [...NO_ARRAYS, undefined]),
  whole('replay', 'replay[0]', [[null], ['x'], [5], [[]]]),
  item('replay', 'replay', 'id', NO_IDS, REPLAY),
  item('replay', 'replay', 'attempt', NO_FENCES, REPLAY),
  item('replay', 'replay', 'delayMs', [1], REPLAY),
  { method: 'replay', parameter: 'replay.options', calls: () => NO_OBJECTS.map((options) => [[], options]) },
  {
    method: 'replay',
    parameter: 'replay.options.delayMs',
    calls: () => noIntegers(0, MAX_DURATION_MS).map((delayMs) => [[], { delayMs }]),
  },

  whole('audit', 'audit', NO_OBJECTS),
  wrong('audit', 'repair', ['true', 1, null], {}),
  wrong('audit', 'limit', noIntegers(1, 1_000), {}),
  wrong('audit', 'cursor', ['', 5, {}], {}),

  ...(['controls.pause', 'controls.resume'] as const).flatMap((method): readonly Refusal[] => [
    whole(method, 'queues', [undefined, 5, 'mail', {}, true]),
    whole(
      method,
      'queues[1]',
      NO_NAMES.map((name) => ['mail', name]),
    ),
    tooMany(method, 'queues', (names) => names),
  ]),
]

export const badCalls: Group = { name: 'bad calls', cases: refusalCases(REFUSALS) }
