import type { Settlement } from '@millrace/core'
import { DEFAULT_LINE, ids, type Bench } from '../bench.ts'
import { KEY, turning, type ResentCall } from './resent-call.ts'

const settles =
  (settle: (bench: Bench, id: string) => Settlement): ResentCall['prepare'] =>
  async (bench) => {
    const { id } = await bench.make('running', { ...KEY, maxRetries: 5 })
    return turning(bench, { settlements: [settle(bench, id)] })
  }

/** What a worker repeats. */
export const TURNS: readonly ResentCall[] = [
  {
    what: 'a claim from a line',
    prepare: async (bench) => {
      await bench.enqueueMany(5)
      return turning(bench, { claim: { lines: [DEFAULT_LINE], limit: 2 } })
    },
    leaves: { running: 2, pending: 3 },
  },
  {
    what: 'a claim by ids',
    prepare: async (bench) => {
      const records = await bench.enqueueMany(2)
      return turning(bench, { claim: { ids: ids(records) } })
    },
    leaves: { running: 2 },
  },
  { what: 'D8: a completion', prepare: settles((bench, id) => bench.complete(id, 1, 'x')), leaves: { completed: 1 } },
  { what: 'a failure', prepare: settles((bench, id) => bench.fail(id, 1)), leaves: { failed: 1 } },
  { what: 'a retry', prepare: settles((bench, id) => bench.fail(id, 1, 60_000)), leaves: { scheduled: 1 } },
  { what: 'a retry at once', prepare: settles((bench, id) => bench.fail(id, 1, 0)), leaves: { pending: 1 } },
  { what: 'a snooze', prepare: settles((bench, id) => bench.snooze(id, 1)), leaves: { scheduled: 1 } },
  { what: 'a release', prepare: settles((bench, id) => bench.release(id, 1)), leaves: { pending: 1 } },
  {
    what: 'a settlement with the next claim',
    prepare: async (bench) => {
      const { id } = await bench.make('running')
      await bench.enqueueMany(2)
      return turning(bench, { settlements: [bench.complete(id, 1)], claim: { lines: [DEFAULT_LINE], limit: 1 } })
    },
    leaves: { completed: 1, running: 1, pending: 1 },
  },
  {
    what: 'a heartbeat with progress',
    prepare: async (bench) => {
      const { id } = await bench.make('running')
      return turning(bench, { touches: [bench.touch(id, 1, { progress: '{"a":[]}' })] })
    },
    leaves: { running: 1 },
    atOnce: true,
  },
  {
    what: 'a declaration of death',
    prepare: async (bench) => {
      const { id } = await bench.make('running')
      return turning(bench, { touches: [bench.touch(id, 1, { alive: false })] })
    },
    leaves: { running: 1 },
  },
]
