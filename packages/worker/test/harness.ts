import { setImmediate as nextRound } from 'node:timers'
import {
  createClient,
  manualClock,
  task,
  type Backend,
  type Client,
  type Clock,
  type HandledTask,
  type ManualClock,
  type Status,
  type TaskContext,
  type TaskOptions,
  type TaskRecord,
} from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { createWorker, type Report, type Worker, type WorkerOptions } from '@millrace/worker'
import { expect } from 'vitest'
import { tap, type Tap } from './tap.ts'

/** Lets everything that is ready run, `count` times round the event loop. */
export async function rounds(count = 4): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => nextRound(resolve))
}

/** Waits for a fact, not for a time: a bounded number of rounds of the event loop, while the clock stands still. */
export async function until(fact: () => unknown, what = fact.toString()): Promise<void> {
  for (let i = 0; i < 2_000; i++) {
    if (await fact()) return
    await rounds(1)
  }
  throw new Error(`never came true: ${what}`)
}

/** Moves the clock in steps, and lets everything that falls due run at its own time. */
export async function drive(clock: ManualClock, ms: number, step = 50): Promise<void> {
  for (let gone = 0; gone < ms; gone += step) {
    clock.advance(Math.min(step, ms - gone))
    await rounds()
  }
  await rounds()
}

/** Moves the clock until a fact is true; answers how many ms that took. */
export async function driveUntil(clock: ManualClock, fact: () => unknown, most = 120_000, step = 50): Promise<number> {
  for (let gone = 0; gone <= most; gone += step) {
    await rounds()
    if (await fact()) return gone
    clock.advance(step)
  }
  throw new Error(`not within ${most} ms: ${fact.toString()}`)
}

/** The promise's value, with the clock running until it has one. */
export async function driven<T>(clock: ManualClock, promise: Promise<T>, most?: number): Promise<T> {
  let isOver = false
  const end = (): void => void (isOver = true)
  promise.then(end, end)
  await driveUntil(clock, () => isOver, most)
  return await promise
}

/** A handler at the hands of the test: each start waits here until it is told how to end. */
export interface Puppet {
  readonly task: HandledTask<{ n?: number }, null>
  readonly starts: Start[]
  /** Starts whose handler has not returned. */
  readonly running: number
  readonly most: number
}

interface Start {
  readonly context: TaskContext
  finish(value?: unknown): void
  fail(error: unknown): void
}

export function puppet(name = 'demo.puppet', options: TaskOptions = {}): Puppet {
  const starts: Start[] = []
  let running = 0
  let most = 0
  const run = async (_input: { n?: number }, context: TaskContext): Promise<null> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    starts.push({ context, finish: (value = null) => resolve(value), fail: (error) => reject(error) })
    running += 1
    most = Math.max(most, running)
    try {
      return (await promise) as null
    } finally {
      running -= 1
    }
  }
  return {
    task: task(name, { ...options, run }),
    starts,
    get running() {
      return running
    },
    get most() {
      return most
    },
  }
}

/** Does nothing, and says who ran. */
export function witness(
  name = 'demo.witness',
  options: TaskOptions = {},
): { readonly task: HandledTask<{ n?: number }, string>; readonly runs: string[] } {
  const runs: string[] = []
  const run = (_input: { n?: number }, { id, attempt }: TaskContext): string => {
    runs.push(`${id}#${attempt}`)
    return 'done'
  }
  return { task: task(name, { ...options, run }), runs }
}

export type BenchWorkerOptions = Partial<Omit<WorkerOptions, 'client'>> & Pick<WorkerOptions, 'tasks'>

/** A store, a clock that stands still, and whoever works on them; at the end nothing may be left behind. */
export class Bench implements AsyncDisposable {
  readonly clock: ManualClock = manualClock()
  readonly store: Backend = memoryBackend({ clock: this.clock })
  /** What the workers see of the store, and where faults are made. */
  readonly tap: Tap = tap(this.store, this.clock)
  /** A producer's, which no fault touches. */
  readonly client: Client = createClient({ backend: this.store, clock: this.clock })
  readonly reports: Report[] = []
  readonly #workers: Worker[] = []

  worker(options: BenchWorkerOptions, seen: { readonly tap?: Tap; readonly clock?: Clock } = {}): Worker {
    const client = createClient({ backend: (seen.tap ?? this.tap).backend, clock: seen.clock ?? this.clock })
    const worker = createWorker({
      onReport: (report) => void this.reports.push(report),
      random: () => 0.5,
      ...options,
      client,
    })
    this.#workers.push(worker)
    return worker
  }

  /** A worker that has made its first turn. */
  async started(options: BenchWorkerOptions, seen?: { readonly tap?: Tap; readonly clock?: Clock }): Promise<Worker> {
    const worker = this.worker(options, seen)
    await driven(this.clock, worker.start())
    return worker
  }

  /** `count` records of the task, in order. */
  async enqueue(
    of: HandledTask<{ n?: number }, never> | HandledTask<{ n?: number }, string> | HandledTask<{ n?: number }, null>,
    count = 1,
  ): Promise<string[]> {
    const items = Array.from({ length: count }, (_, n) => ({ input: { n } }))
    const handles = await this.client.enqueueMany(of as HandledTask<{ n?: number }, null>, items)
    return handles.map(({ id }) => id)
  }

  async record(id: string | undefined): Promise<TaskRecord> {
    const record = await this.client.get(id ?? '')
    if (record === null) throw new Error(`no record ${id}`)
    return record
  }

  async status(id: string | undefined): Promise<Status> {
    return (await this.record(id)).status
  }

  async count(status: Status): Promise<number> {
    return (await this.client.statistics()).counts[status]
  }

  /** A worker that is dead in a way that it cannot stop. */
  forget(worker: Worker): void {
    this.#workers.splice(this.#workers.indexOf(worker), 1)
  }

  told(what: Report['what']): Report[] {
    return this.reports.filter((report) => report.what === what)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.tap.heal()
    await driven(this.clock, Promise.all(this.#workers.map((worker) => worker.stop({ graceMs: 0 }))))
    await rounds()
    const audit = await this.store.audit()
    expect(audit.violations).toEqual([])
    await this.store.close()
    expect({ timers: this.clock.pending, watches: this.tap.openWatches }).toEqual({ timers: 0, watches: 0 })
  }
}

/** How long a promise takes on the bench's clock. */
export async function lasts(bench: Bench, promise: Promise<unknown>): Promise<number> {
  const from = bench.clock.now()
  let isOver = false
  void promise.finally(() => (isOver = true))
  await driveUntil(bench.clock, () => isOver)
  return bench.clock.now() - from
}
