import assert from 'node:assert/strict'
// prettier-ignore
import {
  allows, leads, type ActOutcome, type Fence, type Settlement, type Status, type StatusEvent, type TaskRecord,
} from '@millrace/core'
import { present, STALE_AFTER_MS, type Bench, type RequestFields } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

/** Every status that the contract can bring a record into. */
const REACHED = ['pending', 'scheduled', 'running', 'completed', 'failed', 'cancelled', 'expired'] as const

/** One way to bring an event about. */
interface Act {
  readonly event: StatusEvent
  readonly way: string
  /** Where it leads from where the table allows it; null: the record is gone. */
  readonly to: Status | null
  readonly fields?: RequestFields
  readonly run: (bench: Bench, record: TaskRecord) => Promise<ActOutcome>
  /** Where it answers as if it had acted although it changes nothing: it is taken for a resend. */
  readonly resendOf?: Status
  /** What it answers elsewhere. */
  readonly refusal?: ActOutcome
}

type Settle = (bench: Bench, id: string, attempt: Fence) => Settlement

const ENDS: readonly (Pick<Act, 'event' | 'to' | 'resendOf'> & { readonly when?: string; readonly settle: Settle })[] =
  [
    {
      event: 'complete',
      to: 'completed',
      resendOf: 'completed',
      settle: (bench, ...of) => bench.complete(...of, 'new'),
    },
    { event: 'fail', to: 'failed', resendOf: 'failed', settle: (bench, ...of) => bench.fail(...of) },
    {
      event: 'retry',
      when: 'at once ',
      to: 'pending',
      resendOf: 'failed',
      settle: (bench, ...of) => bench.fail(...of, 0),
    },
    {
      event: 'retry',
      when: 'for later ',
      to: 'scheduled',
      resendOf: 'failed',
      settle: (bench, ...of) => bench.fail(...of, 1_000),
    },
    { event: 'snooze', to: 'scheduled', settle: (bench, ...of) => bench.snooze(...of) },
    { event: 'release', to: 'pending', settle: (bench, ...of) => bench.release(...of) },
  ]

const settlements: readonly Act[] = ENDS.flatMap(({ settle, resendOf, when = '', ...end }): Act[] => [
  {
    ...end,
    way: `${when}by its attempt`,
    fields: { maxRetries: 1 },
    run: async (bench, { id, attempt }) => (await bench.settle(settle(bench, id, Math.max(1, attempt)))).outcome,
    ...(resendOf && { resendOf }),
    refusal: 'lost',
  },
  {
    ...end,
    way: `${when}by 'any'`,
    fields: { maxRetries: 1 },
    run: async (bench, { id }) => (await bench.settle(settle(bench, id, 'any'))).outcome,
  },
])

const swept = (ids: readonly string[], id: string): ActOutcome => (ids.includes(id) ? 'ok' : 'refused')

const ACTS: readonly Act[] = [
  {
    event: 'enqueue',
    way: 'with its id again',
    to: null,
    run: async (bench, { id }) => ((await bench.offer({ id, priority: 7 })).record.priority === 7 ? 'ok' : 'refused'),
  },
  {
    event: 'promote',
    way: 'by time alone',
    to: 'pending',
    run: async (bench, { id, status }) => {
      bench.clock.advance(bench.later)
      return (await bench.get(id)).status === status ? 'refused' : 'ok'
    },
  },
  {
    event: 'claim',
    way: 'by id',
    to: 'running',
    run: async (bench, { id }) =>
      (await bench.turn({ claim: { ids: [id] } })).records.length === 1 ? 'ok' : 'refused',
  },
  {
    event: 'claim',
    way: 'from its line',
    to: 'running',
    run: async (bench) => ((await bench.claim(9)).length === 1 ? 'ok' : 'refused'),
  },
  ...settlements,
  ...([3, 0] as const).map((maxRecoveries): Act => ({
    event: 'recover',
    way: `with ${maxRecoveries} recoveries left`,
    to: maxRecoveries > 0 ? 'pending' : 'failed',
    fields: { maxRecoveries },
    run: async (bench, { id }) => {
      bench.clock.advance(STALE_AFTER_MS + 1)
      const { requeued, failed } = await bench.sweepStale()
      return swept([...requeued, ...failed], id)
    },
  })),
  {
    event: 'cancel',
    way: 'including what runs',
    to: 'cancelled',
    run: async (bench, { id }) => (await bench.cancel(id, { includeRunning: true, reason: 'again' })).outcome,
    resendOf: 'cancelled',
  },
  {
    event: 'expire',
    way: 'by a sweep',
    to: 'expired',
    fields: { expiresInMs: 1_000 },
    run: async (bench, { id }) => {
      bench.clock.advance(1_001)
      return swept((await bench.sweepExpired()).expired, id)
    },
  },
  ...([undefined, 5_000] as const).map((delayMs): Act => ({
    event: 'replay',
    way: delayMs === undefined ? 'at once' : 'for later',
    to: delayMs === undefined ? 'pending' : 'scheduled',
    run: async (bench, { id, attempt }) => {
      const { outcome } = await bench.replay(id, attempt, delayMs === undefined ? {} : { delayMs })
      return outcome === 'key_taken' ? 'refused' : outcome
    },
  })),
  {
    event: 'remove',
    way: 'by a sweep',
    to: null,
    run: async (bench, { id }) => {
      bench.clock.advance(bench.backend.capabilities.resendWindowMs + 1)
      return swept((await bench.sweepFinished()).removed, id)
    },
  },
]

function cell(from: (typeof REACHED)[number], act: Act): Case {
  const { event, way, to, fields, run } = act
  const does = `${from}: ${event} ${way}`
  if (!allows(event, from)) {
    return {
      name: `${does} changes nothing`,
      run: async (bench) => {
        const record = await bench.make(from, fields)
        const outcome = await bench.unchanged(record.id, () => run(bench, record))
        assert.equal(outcome, from === act.resendOf ? 'ok' : (act.refusal ?? 'refused'))
      },
    }
  }
  return {
    name: `${does} leads to ${to ?? 'nothing'}`,
    run: async (bench) => {
      const record = await bench.make(from, fields)
      assert.equal(await run(bench, record), 'ok')
      const [after] = await bench.second.get([record.id])
      if (to === null) return assert.equal(after, null)
      assert.equal(present(after).status, to)
      assert.ok(leads(event, from, to))
      assert.equal(present(after).lastEvent, event === 'promote' ? record.lastEvent : event)
    },
  }
}

/** Every reachable status x every event, compared with core's table; `waiting`, `hold` and `admit` are reserved. */
export const transitions: Group = {
  name: 'transitions',
  cases: REACHED.flatMap((from) => ACTS.map((act) => cell(from, act))),
}
