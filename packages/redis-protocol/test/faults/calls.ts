import { encodeResult, STATUSES, type Backend, type Settlement, type Touch, type TurnRequest } from '@millrace/core'
import { LARGE, requestsOf, type Stand } from './stand.ts'

/** One call of the contract, with the same arguments each time. */
export interface Call {
  readonly name: string
  /** It consists of several acts, each of which is whole by itself. */
  readonly hasSteps: boolean
  readonly act: () => Promise<unknown>
}

const MAIL = { queue: 'mail', executionBackend: 'local' }
const DUE = { queue: 'due', executionBackend: 'local' }
const PRESENCE = { host: 'h', pid: 2, concurrency: 3, lines: [MAIL] }

/** Every method of the contract, in each way in which it comes by the keys. */
export function callsOn(stand: Stand, backend: Backend = stand.backend): readonly Call[] {
  const { records, bench } = stand
  const { plain, full, rival, heir, next, again } = requestsOf(stand)
  const { limits } = backend.capabilities
  const id = records.running.id
  const turn = (parts: Partial<TurnRequest>) => () =>
    backend.turn({ workerId: 'worker-1', slot: 0, nonce: 'fixed', ...parts })
  const settle = (settlement: Settlement) => turn({ settlements: [settlement] })
  const touch = (parts: Omit<Touch, 'id' | 'attempt'>) => turn({ touches: [{ id, attempt: 1, ...parts }] })
  const result = (value: unknown): string => encodeResult(value, limits)
  const list = (view: (typeof STATUSES)[number] | 'next', queue: string) => () => backend.list({ view, queue })
  const watched = async (lines: readonly { queue: string; executionBackend: string }[]): Promise<void> => {
    const watch = await backend.watch({ lines, ids: [records.pending.id, records.completed.id], workerId: 'worker-1' })
    await watch.close()
  }
  const calls: Record<string, () => Promise<unknown>> = {
    'enqueue one that is due': () => backend.enqueue([plain]),
    'enqueue a large one with a key, for later': () => backend.enqueue([full]),
    'enqueue one whose key is held': () => backend.enqueue([rival]),
    'enqueue one in place of another': () => backend.enqueue([heir]),
    'enqueue one whose key was taken for a window': () => backend.enqueue([next]),
    'enqueue again': () => backend.enqueue([again]),
    'get all': () => backend.get(Object.values(records).map((record) => record.id)),
    'get by key': () => backend.getByKey([{ scope: 'task', taskName: 'demo.task', key: 'one' }]),
    ...Object.fromEntries([...STATUSES, 'next' as const].map((view) => [`list ${view}`, list(view, 'mail')])),
    'list what has fallen due': list('pending', 'due'),
    'claim from lines': turn({ claim: { lines: [MAIL, DUE], limit: 10 }, presence: PRESENCE }),
    'claim from lines as they are listed': turn({ claim: { lines: [DUE, MAIL], limit: 2, order: 'listed' } }),
    'claim from one line': turn({ nonce: 'other', claim: { lines: [MAIL], limit: 3 } }),
    'claim by id': turn({ claim: { ids: [records.external.id, records.due.id, records.keyed.id] } }),
    'complete': settle({ outcome: 'complete', id, attempt: 1, result: result(1) }),
    'complete with much': settle({ outcome: 'complete', id: records.reporting.id, attempt: 1, result: result(LARGE) }),
    'complete unfenced': settle({ outcome: 'complete', id, attempt: 'any', result: result(1) }),
    'complete a cancelled one': settle({ outcome: 'complete', id: records.held.id, attempt: 1, result: result(1) }),
    'fail': settle(bench.fail(id, 1)),
    'snooze': settle({ outcome: 'snooze', id, attempt: 1, delayMs: 1_000 }),
    'release': settle({ outcome: 'release', id, attempt: 1 }),
    'beat, and tell what is held': turn({ touches: [{ id, attempt: 1 }, { id: records.held.id, attempt: 1 }] }),
    'report progress': touch({ progress: '{"percent":50}' }),
    'declare a holder dead': touch({ alive: false }),
    'present a worker': turn({ presence: PRESENCE }),
    'say goodbye': turn({ presence: null }),
    'cancel what waits': () => backend.cancel({ ids: [records.pending.id, records.scheduled.id, records.expiring.id] }),
    'cancel what runs': () => backend.cancel({ ids: [id], includeRunning: true }),
    'sweep what is stale': () => backend.sweep({ what: 'stale', staleAfterMs: 30_000 }),
    'sweep what is overdue': () => backend.sweep({ what: 'expired' }),
    'sweep what has finished': () =>
      backend.sweep({ what: 'finished', olderThanMs: backend.capabilities.resendWindowMs }),
    'hand over': () => backend.assign([{ id: records.pending.id, attempt: 0, executionRef: 'run-2' }]),
    'move to another line': () =>
      backend.assign([{ id: records.pending.id, attempt: 0, executionRef: null, executionBackend: 'cloud' }]),
    'statistics': () => backend.statistics(),
    'watch': () => watched([]),
    'watch lines': () => watched([MAIL]),
    'take a lease': () => backend.lease({ name: 'other', token: 'ours', ttlMs: 1_000 }),
    'release a lease': () => backend.lease({ name: 'duty', token: 'ours', ttlMs: 1_000, release: true }),
    'replay': () => backend.replay([{ id: records.large.id, attempt: 1 }, { id: records.failed.id, attempt: 1 }]),
    'replay later': () => backend.replay([{ id: records.cancelled.id, attempt: 0 }], { delayMs: 1_000 }),
    'reset keys': () => backend.controls.resetKeys(['ended', 'ever', 'one'].map((key) => ({ scope: 'task', taskName: 'demo.task', key }))),
    'audit': () => backend.audit(),
    'audit and repair': () => backend.audit({ repair: true }),
    'pause a queue': () => backend.controls.pause(['mail']),
    'pause everything': () => backend.controls.pause(null),
    'resume everything': () => backend.controls.resume(null),
    'ask what is paused': () => backend.controls.paused(),
    'destroy': () => backend.destroy(),
  } // prettier-ignore
  return Object.entries(calls).map(([name, act]) => ({
    name,
    act,
    hasSteps: ['list what has fallen due', 'audit and repair', 'resume everything'].includes(name),
  }))
}
