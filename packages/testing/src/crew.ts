import { createClient, task, type Backend, type Runnable, type TaskContext } from '@millrace/core'
import { createWorker, type Worker, type WorkerOptions } from '@millrace/worker'
import { createGate, type Gate } from './gate-watch.ts'
import type { Journal } from './journal.ts'
import { overriding } from './overriding.ts'
import type { Timeline } from './timeline.ts'
import type { Traffic } from './traffic.ts'

/** The testbed's worker: an ordinary one, which looks for work when it is told to. */
export interface Crew {
  /** A handler, or the schema before it, has not returned. */
  readonly isBusy: boolean
  /** It could take another record of the queue. */
  hasRoomFor(queue: string): boolean
  /** Begins to work, if it does not yet. */
  begin(): void
  /** Look for work now. */
  nudge(): void
  /** Works no more, gives back what is left, and leaves no timer behind; `begin` starts another one. */
  end(): Promise<void>
}

export type CrewOptions = Omit<WorkerOptions, 'client' | 'tasks'>

export interface CrewParts {
  /** Seen by the traffic. */
  readonly backend: Backend
  readonly timeline: Timeline
  readonly traffic: Traffic
  readonly journal: Journal
  readonly tasks: readonly Runnable[]
  readonly options: CrewOptions
}

/** So near to 1 that a jitter takes nothing away: a backoff is as long as it can be, in every run. */
const WITHOUT_JITTER = 1 - Number.EPSILON

/** null without a task: there is nothing to run. @throws QueueError `invalid_argument` that names the option at fault. */
export function createCrew(parts: CrewParts): Crew | null {
  const { tasks, timeline, traffic } = parts
  const gate = createGate()
  if (tasks.length === 0) {
    // Its options are refused all the same.
    hire({ ...parts, tasks: [task('none', { run: () => null })] }, gate)
    return null
  }
  let worker = hire(parts, gate)
  let isWorking = false

  return {
    get isBusy() {
      return isWorking && worker.health().running > 0
    },
    hasRoomFor(queue) {
      const { free, queues } = worker.health()
      const own = queues.find(({ name }) => name === queue)
      if (!isWorking || free === 0 || own === undefined) return false
      return own.concurrency === null || own.running + own.prefetched < own.concurrency
    },
    begin() {
      if (isWorking) return
      isWorking = true
      worker.start().catch((error: unknown) => parts.journal.failing(error))
    },
    nudge() {
      gate.open()
    },
    async end() {
      if (!isWorking) return
      const stopped = worker.stop({ graceMs: 0, moment: 0 }).then(() => true)
      while (!(await Promise.race([stopped, traffic.calm().then(() => false)]))) {
        const next = timeline.nextTimer('all')
        // A backend that does not answer holds it up for a while, which is one of this time.
        if (next !== Infinity) timeline.moveTo(next)
      }
      isWorking = false
      worker = hire(parts, gate)
    },
  }
}

function hire(parts: CrewParts, gate: Gate): Worker {
  const { journal, options, tasks, timeline, traffic } = parts
  const { around: given, onReport = () => undefined } = options
  return createWorker({
    prefetch: 0,
    random: () => WITHOUT_JITTER,
    ...options,
    onReport,
    client: createClient({ backend: told(parts, gate), clock: timeline.inner }),
    tasks,
    async around(context, run) {
      const returned = journal.began(context)
      traffic.stir()
      try {
        return await (given === undefined ? run() : given(context, noted(context, run, journal)))
      } catch (error) {
        journal.threw(context, error)
        throw error
      } finally {
        returned()
        traffic.stir()
      }
    },
  })
}

/** What the handler throws counts, also where the given `around` catches it. */
function noted(context: TaskContext, run: () => Promise<unknown>, journal: Journal): () => Promise<unknown> {
  let calls = 0
  return () => {
    const handled = run()
    if ((calls += 1) === 1) handled.catch((error: unknown) => journal.threw(context, error))
    return handled
  }
}

/** The backend as the worker sees it: the journal learns what it does, and hints of work come from the gate. */
function told({ backend, journal }: CrewParts, gate: Gate): Backend {
  return overriding(backend, {
    async turn(request) {
      try {
        const answer = await backend.turn(request)
        journal.turned(request, answer)
        return answer
      } catch (error) {
        journal.failing(error)
        throw error
      }
    },
    async sweep(request) {
      const result = await backend.sweep(request)
      journal.swept(result)
      return result
    },
    watch: async (request) => (request.lines === undefined ? await backend.watch(request) : gate.watch(request.signal)),
  })
}
