import type { Crew } from './crew.ts'
import { startWorkerProcess, type WorkerProcess, type WorkerProcessOptions } from './worker-process.ts'

/** Worker processes, always so many: whichever ends is replaced. */
export interface Fleet extends Crew {
  /** That live, the oldest first. */
  readonly workers: readonly WorkerProcess[]
}

export interface FleetOptions extends WorkerProcessOptions {
  readonly size: number
  readonly concurrency: number
}

/** After so many there is something wrong that another process does not mend. */
const MOST_REPLACEMENTS = 10
/** Well above the grace of a worker, and the time that it takes to give back what is left. */
const LONGEST_STOP_MS = 15_000

export function startFleet({ size, concurrency, ...options }: FleetOptions): Fleet {
  const { say } = options
  const broken = new AbortController()
  const workers = new Set<WorkerProcess>()
  let started = 0
  let isStopping = false

  function add(): WorkerProcess {
    const worker = startWorkerProcess(`worker ${(started += 1)}`, options)
    workers.add(worker)
    void replaced(worker)
    return worker
  }

  async function replaced(worker: WorkerProcess): Promise<void> {
    const { name, pid } = worker
    const hasWorked = (await worker.ready) !== null
    const how = await worker.ended
    workers.delete(worker)
    if (isStopping) return
    if (!hasWorked || started - size >= MOST_REPLACEMENTS)
      broken.abort(new Error(`${name} (process ${pid}) ended: ${how}`))
    else say(`  ${name} (process ${pid}) ended: ${how}; ${add().name} takes its place`)
  }

  const first = Array.from({ length: size }, add)
  return {
    words: `${size} worker processes with ${concurrency} handlers each`,
    ready: Promise.all(first.map(({ ready }) => ready)),
    broken: broken.signal,
    get workers() {
      return [...workers]
    },
    async stop() {
      isStopping = true
      const leaving = [...workers]
      for (const worker of leaving) worker.signal('SIGTERM')
      const late = setTimeout(() => leaving.forEach((worker) => worker.signal('SIGKILL')), LONGEST_STOP_MS)
      await Promise.all(leaving.map(({ ended }) => ended))
      clearTimeout(late)
    },
  }
}
