import assert from 'node:assert/strict'
import { MAX_COUNT, MAX_DURATION_MS, MAX_SLOTS } from '@millrace/core'
import type { Group } from '../harness.ts'
import { NO_IDS, NO_NAMES, noIntegers, refusalCases, type Refusal } from './refusal.ts'

const LINE = { queue: 'default', executionBackend: 'local' }
const PRESENCE = { host: 'h', pid: 1, concurrency: 1, lines: [LINE] }

/** Turns that would complete the running record, if their other part were not wrong. */
function part(parameter: string, parts: readonly object[], options: Partial<Refusal> = {}): Refusal {
  return {
    method: 'turn',
    parameter: `turn.${parameter}`,
    calls: (_, id) =>
      parts.map((one) => {
        const settlements = [{ outcome: 'complete', id, attempt: 1, result: 'null' }]
        return [{ workerId: 'worker-1', slot: 0, nonce: 'n', settlements, ...one }]
      }),
    ...options,
  }
}

/** One settlement (or touch) of the running record, with fields overwritten. */
function acting(
  list: 'settlements' | 'touches',
  name: string,
  acts: readonly object[],
  options: Partial<Refusal> = {},
): Refusal {
  return {
    method: 'turn',
    parameter: `turn.${list}[0].${name}`,
    calls: (_, id) =>
      acts.map((act) => [{ workerId: 'worker-1', slot: 0, nonce: 'n', [list]: [{ id, attempt: 1, ...act }] }]),
    ...options,
  }
}

const COMPLETE = { outcome: 'complete', result: '1' }
const FAIL = { outcome: 'fail', error: '{}', retryInMs: null }
const NO_ATTEMPTS = [...noIntegers(1, MAX_COUNT), undefined, 'ANY', '']
const NO_TEXTS = ['', null, undefined, 5, {}, [1]]
const named = (name: string, values: readonly unknown[]): readonly object[] =>
  values.map((value) => ({ [name]: value }))
const over = (base: object, name: string, values: readonly unknown[]): readonly object[] =>
  values.map((value) => ({ ...base, [name]: value }))
const claims = (name: string, values: readonly unknown[]): readonly object[] =>
  values.map((value) => ({ claim: { lines: [LINE], limit: 1, [name]: value } }))

const NOTE = { number: 1, agoMs: 0, text: '{"message":""}' }

function badLogs(list: 'touches' | 'settlements'): readonly Refusal[] {
  const base = list === 'touches' ? {} : COMPLETE
  const notes = (name: string, values: readonly unknown[]): readonly object[] =>
    values.map((value) => ({ ...base, log: [{ ...NOTE, [name]: value }] }))
  return [
    acting(list, 'log', over(base, 'log', [null, {}, 'x', 5])),
    acting(list, 'log', over(base, 'log', [Array.from({ length: 101 }, () => NOTE)]), { code: 'too_large' }),
    acting(list, 'log[0]', over(base, 'log', [[null], ['x'], [5]])),
    acting(list, 'log[0].number', notes('number', [...noIntegers(1, Number.MAX_SAFE_INTEGER), undefined])),
    acting(list, 'log[1].number', over(base, 'log', [[NOTE, NOTE]])),
    acting(list, 'log[0].agoMs', notes('agoMs', [...noIntegers(0, MAX_DURATION_MS), undefined])),
    acting(list, 'log[0].text', notes('text', NO_TEXTS)),
    acting(list, 'log[0].text', notes('text', [`"${'x'.repeat(2_100)}"`]), { code: 'too_large' }),
    acting(list, 'log[0].at', [{ ...base, log: [{ ...NOTE, at: 1 }] }]),
  ]
}

const REFUSALS: readonly Refusal[] = [
  part('workerId', named('workerId', [...NO_NAMES, undefined])),
  part('nonce', named('nonce', [...NO_NAMES, undefined])),
  part('slot', named('slot', [...noIntegers(0, MAX_SLOTS - 1), undefined])),
  part('worker', [{ worker: 'worker-1' }], { message: /did you mean workerId\?/ }),
  part('settlements', named('settlements', [null, {}, 'x', 5, [undefined]])),
  part('settlements[0]', named('settlements', [[null], ['x'], [5]])),
  acting('settlements', 'outcome', named('outcome', ['done', '', null, undefined, 1, 'retry', 'cancel'])),
  acting('settlements', 'id', over(COMPLETE, 'id', [...NO_IDS, undefined])),
  acting('settlements', 'attempt', over(COMPLETE, 'attempt', NO_ATTEMPTS)),
  acting('settlements', 'result', over(COMPLETE, 'result', NO_TEXTS)),
  acting('settlements', 'error', over(FAIL, 'error', NO_TEXTS)),
  acting('settlements', 'error', over(FAIL, 'error', [`"${'x'.repeat(16_384)}"`]), { code: 'too_large' }),
  acting(
    'settlements',
    'retryInMs',
    over(FAIL, 'retryInMs', [-1, 0.5, Number.NaN, '1', undefined, MAX_DURATION_MS + 1]),
  ),
  acting(
    'settlements',
    'delayMs',
    over({ outcome: 'snooze' }, 'delayMs', [-1, 0.5, null, undefined, MAX_DURATION_MS + 1]),
  ),
  acting('settlements', 'progress', over(COMPLETE, 'progress', ['', null, 5, {}])),
  acting('settlements', 'progress', over(COMPLETE, 'progress', [`"${'x'.repeat(1_048_575)}"`]), { code: 'too_large' }),
  acting('settlements', 'retryInMs', [{ ...COMPLETE, retryInMs: 1 }]),
  acting('settlements', 'reason', [{ outcome: 'release', reason: 'x' }]),
  part('settlements', [{ settlements: Array.from({ length: 1_001 }, () => ({})) }], { code: 'too_large' }),
  part('touches', named('touches', [null, {}, 'x', 5])),
  part('touches[0]', named('touches', [[null], ['x'], [5]])),
  acting('touches', 'id', named('id', [...NO_IDS, undefined])),
  acting('touches', 'attempt', named('attempt', NO_ATTEMPTS)),
  acting('touches', 'alive', named('alive', ['false', 0, null])),
  acting('touches', 'progress', named('progress', ['', null, 5, {}])),
  acting('touches', 'progress', named('progress', [`"${'x'.repeat(1_048_575)}"`]), { code: 'too_large' }),
  ...(['touches', 'settlements'] as const).flatMap((list) => badLogs(list)),
  acting('touches', 'progres', [{ progres: '1' }], { message: /did you mean progress\?/ }),
  part('claim', named('claim', [null, 5, 'x', []])),
  part('claim.limit', claims('limit', [...noIntegers(0, 1_000), undefined]), { message: /0 to 1000/ }),
  part('claim.order', claims('order', ['fifo', '', null, 1])),
  part('claim.lines', claims('lines', [null, undefined, {}, 'default'])),
  part('claim.lines[0]', claims('lines', [[null], ['default'], [5]])),
  part(
    'claim.lines[0].queue',
    claims(
      'lines',
      NO_NAMES.map((queue) => [{ ...LINE, queue }]),
    ),
  ),
  part('claim.lines[0].executionBackend', claims('lines', [[{ queue: 'default' }]])),
  part(
    'claim.lines[0].limit',
    claims(
      'lines',
      noIntegers(0, 1_000).map((limit) => [{ ...LINE, limit }]),
    ),
  ),
  part('claim.lines[0].priority', claims('lines', [[{ ...LINE, priority: 1 }]])),
  part('claim.lines[1]', claims('lines', [[LINE, LINE]]), { message: /twice/ }),
  part('claim.max', claims('max', [1])),
  part('claim.ids', named('claim', [{ ids: null }, { ids: 'x' }, { ids: {} }])),
  part(
    'claim.ids[0]',
    named(
      'claim',
      NO_IDS.map((id) => ({ ids: [id] })),
    ),
  ),
  part('claim.limit', named('claim', [{ ids: [], limit: 1 }])),
  part('presence', named('presence', [5, 'x', []])),
  part(
    'presence.host',
    named(
      'presence',
      ['', '\ud800', 5, undefined].map((host) => ({ ...PRESENCE, host })),
    ),
  ),
  part('presence.host', named('presence', [{ ...PRESENCE, host: 'x'.repeat(201) }]), { code: 'too_large' }),
  part(
    'presence.pid',
    named(
      'presence',
      noIntegers(0, 2 ** 32).map((pid) => ({ ...PRESENCE, pid })),
    ),
  ),
  part(
    'presence.concurrency',
    named(
      'presence',
      noIntegers(0, MAX_COUNT).map((concurrency) => ({ ...PRESENCE, concurrency })),
    ),
  ),
  part('presence.lines', named('presence', [{ ...PRESENCE, lines: null }])),
  part('presence.lines[0]', named('presence', [{ ...PRESENCE, lines: [null] }])),
  part('presence.lines[0].queue', named('presence', [{ ...PRESENCE, lines: [{ ...LINE, queue: '{}' }] }])),
  part(
    'presence.everyMs',
    named(
      'presence',
      noIntegers(1, MAX_DURATION_MS).map((everyMs) => ({ ...PRESENCE, everyMs })),
    ),
  ),
  part('presence.seenAt', named('presence', [{ ...PRESENCE, seenAt: 1 }])),
  { method: 'turn', parameter: 'turn', calls: () => [[], [null], ['x'], [[]], [5]] },
]

export const badTurns: Group = {
  name: 'bad turns',
  cases: [
    ...refusalCases(REFUSALS),
    {
      name: 'P7: a turn with one bad part does none of the others',
      run: async (bench) => {
        const { id, attempt } = await bench.make('running')
        await bench.enqueue()
        const bad = { id, attempt: 0 }
        const turn = { claim: { lines: [LINE], limit: 1 }, settlements: [bench.complete(id, attempt)], touches: [bad] }
        await bench.expectError('invalid_argument', () => bench.turn({ ...turn, presence: PRESENCE }))
        assert.equal((await bench.get(id)).status, 'running')
        const { counts, workers } = await bench.backend.statistics()
        assert.deepEqual([counts.pending, counts.running, workers], [1, 1, []])
      },
    },
  ],
}
