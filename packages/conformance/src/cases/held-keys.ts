import assert from 'node:assert/strict'
import type { KeyHold, KeyReference, TaskRecord } from '@millrace/core'
import { STALE_AFTER_MS, type Bench, type RequestFields } from '../bench.ts'

/* A key, the ways to hold it, and what may become of the record that does. */

/** Longer than anything that a case waits for. */
const WINDOW_MS = 86_400_000

export const KEY = { key: 'order-7' } as const
export const REFERENCE: KeyReference = { scope: 'task', taskName: 'demo.task', key: 'order-7' }

export const HOLDS: readonly KeyHold[] = ['active', 'untilStart', 'window', 'forever']

export function held(keyHold: KeyHold, keyWindowMs: number = WINDOW_MS): RequestFields {
  return { ...KEY, keyHold, ...(keyHold === 'window' ? { keyWindowMs } : {}) }
}

export type Place = 'waits for its first start' | 'waits again' | 'runs' | 'is over' | 'is gone'

/** What may become of a record, and where it is then. */
export interface State {
  readonly name: string
  readonly place: Place
  readonly make: (bench: Bench, fields: RequestFields) => Promise<TaskRecord>
}

const started = async (bench: Bench, fields: RequestFields): Promise<TaskRecord> =>
  await bench.make('running', { maxRetries: 1, ...fields })

/** A record that was started and waits again. */
function again(name: string, act: (bench: Bench, record: TaskRecord) => Promise<unknown>): State {
  return {
    name,
    place: 'waits again',
    async make(bench, fields) {
      const record = await started(bench, fields)
      await act(bench, record)
      return await bench.get(record.id)
    },
  }
}

function made(name: Parameters<Bench['make']>[0], place: Place): State {
  return { name, place, make: (bench, fields) => bench.make(name, fields) }
}

export const STATES: readonly State[] = [
  made('pending', 'waits for its first start'),
  made('scheduled', 'waits for its first start'),
  made('running', 'runs'),
  again('pending for a retry', (bench, { id, attempt }) => bench.settle(bench.fail(id, attempt, 0))),
  again('scheduled for a retry', (bench, { id, attempt }) => bench.settle(bench.fail(id, attempt, 500))),
  again('snoozed', (bench, { id, attempt }) => bench.settle(bench.snooze(id, attempt))),
  again('released', (bench, { id, attempt }) => bench.settle(bench.release(id, attempt))),
  again('recovered', async (bench) => {
    bench.clock.advance(STALE_AFTER_MS + 1)
    await bench.sweepStale()
  }),
  { name: 'cancelled but still held', place: 'runs', make: (bench, fields) => bench.makeHeld(fields) },
  made('completed', 'is over'),
  made('failed', 'is over'),
  made('cancelled', 'is over'),
  made('expired', 'is over'),
  { name: 'removed', place: 'is gone', make: removed },
]

/** A record that was cleaned up after it had ended. */
export async function removed(bench: Bench, fields: RequestFields): Promise<TaskRecord> {
  const record = await bench.make('completed', fields)
  await cleanUp(bench)
  assert.equal(await bench.exists(record.id), false)
  return record
}

/** Whatever has ended goes. */
export async function cleanUp(bench: Bench): Promise<void> {
  bench.clock.advance(bench.backend.capabilities.resendWindowMs + 1)
  await bench.sweepFinished()
}

/** Who keeps others off a key, by where its record is: the one table of this. */
export const BLOCKS: Readonly<Record<Place, readonly KeyHold[]>> = {
  'waits for its first start': ['active', 'untilStart', 'window', 'forever'],
  'waits again': ['active', 'window', 'forever'],
  runs: ['active', 'window', 'forever'],
  'is over': ['window', 'forever'],
  'is gone': ['window', 'forever'],
}
