import { createClient, type Backend, type Client, type Runnable } from '@millrace/core'
import { createCrew, type Crew, type CrewOptions } from './crew.ts'
import { createDrive, type Drive } from './drive.ts'
import { inlineClient } from './inline-client.ts'
import { createJournal, type Journal } from './journal.ts'
import type { Summary } from './summary.ts'
import { TestbedError, type TestbedErrorCode } from './testbed-error.ts'
import type { Timeline } from './timeline.ts'
import { createTraffic } from './traffic.ts'

/** A backend, a producer, a worker, and what drives them on one timeline. */
export interface Stand {
  readonly client: Client
  /** Reads, and is not seen by those who wait until nothing happens. */
  readonly reader: Client
  readonly crew: Crew | null
  readonly drive: Drive
  readonly journal: Journal
  /**
   * Does it, and tells what happened.
   * @throws what `act` throws; where `throws` asks for it what an attempt threw, with `ids` one of these records.
   */
  acting(act: () => Promise<void>, ids?: readonly string[]): Promise<Summary>
}

export interface StandParts {
  readonly backend: Backend
  readonly timeline: Timeline
  /** Made for the client that their handlers may use. */
  readonly tasks: (client: Client) => readonly Runnable[]
  readonly mode: 'queued' | 'inline'
  readonly worker: CrewOptions
  readonly patienceMs: number
  readonly limit: number
  /** What of that which attempts threw is thrown by the call that ran them, too. */
  readonly throws: 'nothing' | 'failures' | 'everything'
}

const ENDING: readonly TestbedErrorCode[] = ['endless', 'backend']

export function createStand(parts: StandParts): Stand {
  const { backend, timeline, worker, mode, patienceMs, limit, throws } = parts
  const traffic = createTraffic()
  const seen = traffic.seen(backend)
  const queued = keptOpen(createClient({ backend: seen, clock: timeline.clock }))
  const client = mode === 'queued' ? queued : inlineClient(queued, (ids) => acting(() => drive.settleRecords(ids), ids))

  const tasks = parts.tasks(client)
  const known = worker.unknownTask === undefined ? new Set(tasks.map(({ name }) => name)) : null
  const journal = createJournal({ limit, known })
  const crew = createCrew({ backend: seen, timeline, traffic, journal, tasks, options: worker })
  const drive = createDrive({ backend, traffic, journal, crew, patienceMs })

  async function acting(act: () => Promise<void>, ids?: readonly string[]): Promise<Summary> {
    const tell = journal.since()
    journal.countAnew()
    try {
      await act()
    } catch (error) {
      // The next call starts anew: what runs without end is over, and a worker whose call failed does not pause on a clock that stands still.
      if (error instanceof TestbedError && ENDING.includes(error.code)) await crew?.end()
      throw error
    }
    const { summary, thrown } = tell()
    const first = thrown.find(
      ({ id, isFailure }) =>
        (throws === 'everything' || (throws === 'failures' && isFailure)) && ids?.includes(id) !== false,
    )
    if (first !== undefined) await passedOn(first.value)
    return summary
  }

  return { client, reader: createClient({ backend, clock: timeline.inner }), crew, drive, journal, acting }
}

/**
 * A program under test closes its client when it ends; what it did is looked at after that, and handlers enqueue by the same client. What was
 * enqueued before has been answered when it is closed.
 */
function keptOpen(client: Client): Client {
  const kept: Client = {
    ...client,
    async close() {
      // It waits for the enqueues under way; whoever made them learns of their errors.
      await client.paused().catch(() => undefined)
    },
    [Symbol.asyncDispose]: () => kept.close(),
  }
  return kept
}

/** Whatever a handler threw, as it was thrown. */
function passedOn(thrown: unknown): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  reject(thrown)
  return promise
}
