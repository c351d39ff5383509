import { createClient, fixed, QueueError, task, type Backend, type Client } from '@millrace/core'
import { createWorker, type Report, type Worker } from '@millrace/worker'
import { expect } from 'vitest'

/** Producers and workers that do not stop working whatever happens to their server. */
export interface Traffic {
  /** What producers were refused, and how long that took. */
  readonly refusals: readonly { readonly error: unknown; readonly tookMs: number }[]
  /** What each worker reported, and when. */
  readonly reports: readonly (readonly { readonly at: number; readonly report: Report }[])[]
  readonly workers: readonly Worker[]
  /** Resolves when so many more records were acknowledged and ended well. */
  more(count: number): Promise<void>
  /** Resolves when a fact is true; it looks whenever something was acknowledged, refused, run or reported. */
  until(fact: () => boolean): Promise<void>
  /** No more is produced, everything is worked off; answers what is wrong with what was acknowledged. */
  finish(): Promise<readonly string[]>
  close(): Promise<void>
}

const PRODUCERS = 3
const WORKERS = 2
/** Producers do not run away from the workers. */
const MOST_AHEAD = 100

export function startTraffic(open: () => Backend): Traffic {
  const clients = Array.from({ length: PRODUCERS + WORKERS }, () => createClient({ backend: open() }))
  const acknowledged = new Map<string, number>()
  const refusals: { error: unknown; tookMs: number }[] = []
  const reports: { at: number; report: Report }[][] = []
  const over = new AbortController()
  let [runs, count] = [0, 0]
  let change = Promise.withResolvers<void>()

  /** Every third one fails once. */
  const double = task('demo.double', {
    retries: 1,
    backoff: fixed(0),
    run: ({ n }: { n: number }, { record }) => {
      if (n % 3 === 0 && record.retryCount === 0) throw new Error('not yet')
      runs++
      changed()
      return 2 * n
    },
  })

  function changed(): void {
    change.resolve()
    change = Promise.withResolvers()
  }

  async function until(fact: () => boolean): Promise<void> {
    while (!fact()) await change.promise
  }

  async function produce(client: Client): Promise<void> {
    while (!over.signal.aborted) {
      await until(() => acknowledged.size - runs < MOST_AHEAD || over.signal.aborted)
      await Promise.all(Array.from({ length: 4 }, () => enqueue(client)))
    }
  }

  async function enqueue(client: Client): Promise<void> {
    const [n, since] = [count++, performance.now()]
    try {
      const { id } = await client.enqueue(double, { n })
      acknowledged.set(id, n)
    } catch (error) {
      refusals.push({ error, tookMs: performance.now() - since })
    }
    changed()
  }

  const workers = clients.slice(PRODUCERS).map((client) => {
    const own: { at: number; report: Report }[] = []
    reports.push(own)
    return createWorker({
      client,
      tasks: [double],
      heartbeat: '200ms',
      staleAfter: '3s',
      sweepEvery: '200ms',
      poll: { min: '20ms', max: '200ms' },
      onReport(report) {
        own.push({ at: performance.now(), report })
        changed()
      },
    })
  })
  const working = workers.map((worker) => worker.run())
  const producing = clients.slice(0, PRODUCERS).map(produce)

  return {
    refusals,
    reports,
    workers,
    until,
    async more(some) {
      const [wanted, ran] = [acknowledged.size + some, runs + some]
      await until(() => acknowledged.size >= wanted && runs >= ran)
    },
    async finish() {
      over.abort()
      changed()
      await Promise.all(producing)
      const [client] = clients
      if (client === undefined) return ['nobody looked']
      await expect
        .poll(async () => (await client.statistics()).counts, { timeout: 20_000 })
        .toMatchObject({ pending: 0, scheduled: 0, running: 0, failed: 0 })
      return await wrongs(client, acknowledged)
    },
    async close() {
      over.abort()
      changed()
      for (const worker of workers) await worker.stop({ grace: 0 })
      await Promise.all([...working, ...producing])
      for (const client of clients) await client.close()
    },
  }
}

async function wrongs(client: Client, acknowledged: ReadonlyMap<string, number>): Promise<readonly string[]> {
  const found: string[] = []
  const entries = [...acknowledged]
  for (let from = 0; from < entries.length; from += 1_000) {
    const some = entries.slice(from, from + 1_000)
    const records = await client.backend.get(some.map(([id]) => id))
    for (const [i, [id, n]] of some.entries()) {
      const record = records[i]
      if (record?.status !== 'completed' || record.result !== 2 * n)
        found.push(`${id} is ${record?.status ?? 'lost'}, with ${String(record?.result)}`)
    }
  }
  for (let cursor: string | null = null; ;) {
    const page: Awaited<ReturnType<Backend['audit']>> = await client.backend.audit({ cursor })
    found.push(...page.violations.map(({ code, detail }) => `${code}: ${detail}`))
    cursor = page.cursor
    if (cursor === null) return found
  }
}

/** Each worker told of each kind of trouble at most once a second. */
export function crowded({ reports }: Traffic): readonly string[] {
  return reports.flatMap((own) =>
    own.flatMap(({ at, report }, i) => {
      const before = own.slice(0, i).findLast((other) => other.report.what === report.what)
      return before !== undefined && at - before.at < 950 ? [`${report.what} twice within a second`] : []
    }),
  )
}

/** Codes and times of what producers were refused; anything but a QueueError stands as it is. */
export function refusalCodes({ refusals }: Traffic): readonly string[] {
  return [...new Set(refusals.map(({ error }) => (error instanceof QueueError ? error.code : String(error))))]
}
