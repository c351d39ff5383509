import { STATUS, systemClock, type Backend, type Line, type TaskRecord } from '@millrace/core'
import type { Crew } from './crew.ts'
import type { Journal } from './journal.ts'
import { TestbedError } from './testbed-error.ts'
import type { Traffic } from './traffic.ts'

/** Lets the worker work until what it is asked for is done. Waits for facts: for calls that end and handlers that return. */
export interface Drive {
  /** Until nothing that is due is left. `whileRunning`: what runs may go on. */
  settle(options: { readonly whileRunning: boolean }): Promise<void>
  /** Until these records have ended, or wait for a later instant. */
  settleRecords(ids: readonly string[]): Promise<void>
}

export interface DriveParts {
  /** Not seen by the traffic: to look is no work. */
  readonly backend: Backend
  readonly traffic: Traffic
  readonly journal: Journal
  readonly crew: Crew | null
  /** So long, in real time, nothing may happen while a handler runs. */
  readonly patienceMs: number
}

/** A worker that was told to look so often, and took nothing of what is due, never will. */
const MOST_NUDGES = 5

export function createDrive({ backend, traffic, journal, crew, patienceMs }: DriveParts): Drive {
  const check = (): void => journal.check()

  /** The lines that a claim takes from. */
  async function openLines(): Promise<readonly Line[]> {
    const { namespace, queues } = await backend.controls.paused()
    return namespace ? [] : journal.lines.filter(({ queue }) => !queues.includes(queue))
  }

  async function due(): Promise<readonly TaskRecord[]> {
    const found: TaskRecord[] = []
    for (const line of await openLines()) {
      const { records } = await backend.list({ view: 'next', ...line, external: false, limit: 1 })
      found.push(...records)
    }
    return found
  }

  /** The one to be claimed now; `busy`: there are only such as wait for a place of their queue, or of the worker. */
  function nextOf(crew: Crew, waiting: readonly TaskRecord[]): TaskRecord | 'busy' | null {
    return waiting.find(({ queue }) => crew.hasRoomFor(queue)) ?? (waiting.length > 0 ? 'busy' : null)
  }

  async function expireOverdue(): Promise<void> {
    for (let more = true; more;) {
      const result = await backend.sweep({ what: 'expired' })
      journal.swept(result)
      more = result.more
    }
  }

  /** Until `changed`; but not for ever. @throws TestbedError `hanging` */
  async function patiently(changed: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<never>()
    const expire = (): void => late.reject(hanging(journal.running, patienceMs))
    // After a blocked event loop the timer fires before what has happened meanwhile is read: let that win.
    const disarm = systemClock.after(patienceMs, () => setImmediate(() => setImmediate(expire)))
    try {
      await Promise.race([changed, late.promise])
    } finally {
      disarm()
    }
  }

  /** `left` tells what is not done yet: a due record for which there is a place, something that runs (`busy`), or nothing. */
  async function until(crew: Crew, left: () => Promise<TaskRecord | 'busy' | null>): Promise<void> {
    crew.begin()
    for (let [nudges, claimed] = [0, -1]; ;) {
      await traffic.calm(check)
      const changed = traffic.changed()
      const open = await left()
      if (open === null) return
      if (open === 'busy') {
        await patiently(changed)
        continue
      }
      nudges = journal.claimed === claimed ? nudges + 1 : 1
      claimed = journal.claimed
      if (nudges > MOST_NUDGES)
        throw new TestbedError('stuck', `${open.taskName} ${open.id} is due, and the worker does not get it`)
      crew.nudge()
    }
  }

  return {
    async settle({ whileRunning }) {
      if (crew !== null) {
        await until(crew, async () => {
          const next = nextOf(crew, await due()) ?? (crew.isBusy ? 'busy' : null)
          return whileRunning && next === 'busy' ? null : next
        })
      } else await traffic.calm(check)
      await expireOverdue()
    },

    async settleRecords(ids) {
      if (crew === null) return
      await until(crew, async () => {
        const records = (await backend.get(ids)).filter((record) => record !== null)
        const lines = await openLines()
        const isServed = (record: TaskRecord): boolean =>
          lines.some(
            ({ queue, executionBackend }) => record.queue === queue && record.executionBackend === executionBackend,
          )
        const waiting = records.filter((record) => record.status === STATUS.pending && isServed(record))
        return nextOf(crew, waiting) ?? (records.some(({ status }) => status === STATUS.running) ? 'busy' : null)
      })
    },
  }
}

function hanging(running: ReadonlySet<string>, patienceMs: number): TestbedError {
  const who = running.size === 0 ? 'what is before a handler' : [...running].join(', ')
  return new TestbedError(
    'hanging',
    `nothing has happened for ${patienceMs} ms of real time, and this has not returned: ${who}. Time stands still while handlers run: ` +
      '`advance(duration, { whileRunning: true })` lets it pass, for a timeout say; `patience` waits longer',
  )
}
