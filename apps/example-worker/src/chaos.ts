import { STATUS, type Client, type TaskRecord } from '@millrace/core'
import { countOf, formatCount, formatMs } from './amounts.ts'
import type { Harm } from './closing-words.ts'
import type { Fleet } from './fleet.ts'
import { recordsOf } from './inventory-progress.ts'
import type { OwnServer } from './own-server.ts'

/** Does harm in the middle of an inventory: kills a worker at work, and then the server, if it is the demo's own. */
export interface Chaos {
  /** To be told how far the inventory is. Resolves when the harm that is due has been done. */
  at(inspected: number, total: number): Promise<void>
  /** At the end, when nothing waits or runs any more. */
  harm(): Promise<Harm>
}

export interface ChaosOptions {
  readonly client: Client
  readonly fleet: Pick<Fleet, 'workers'>
  /** null: somebody else's, which is left alone. */
  readonly server: Pick<OwnServer, 'kill' | 'start'> | null
  /** So many inspections may run at once. */
  readonly handlers: number
  readonly say: (line: string) => void
}

/** Every worker's silence is noticed after so many seconds. */
export const CHAOS_STALE_AFTER = 2
/** Each inspection takes so many ms longer, so that there is a middle to look at. */
export const CHAOS_PACE_MS = 200

export function startChaos({ client, fleet, server, handlers, say }: ChaosOptions): Chaos {
  const { clock } = client
  const startedAt = clock.now()
  const sentences: string[] = []
  /** What the killed worker held. */
  let held: readonly string[] | null = null
  let isServerDue = server !== null

  function tell(what: string): void {
    sentences.push(`chaos after ${formatMs(clock.now() - startedAt)}: ${what}`)
    say(`  ${sentences.at(-1)}`)
  }

  /** Stopped first, and killed only if the backend says that there are tasks that it will never finish. */
  async function killWorker(far: string): Promise<void> {
    for (const worker of fleet.workers) {
      const { name, pid, ended } = worker
      const workerId = await worker.ready
      if (workerId === null) continue
      worker.signal('SIGSTOP')
      const tasks = await heldBy(client, workerId)
      if (tasks.length === 0) {
        worker.signal('SIGCONT')
        continue
      }
      held = tasks
      tell(`${name} (process ${pid}) is killed, at work on ${countOf(held.length, 'task')} (${far})`)
      worker.signal('SIGKILL')
      await ended
      return
    }
  }

  async function crash({ kill, start }: Pick<OwnServer, 'kill' | 'start'>, far: string): Promise<void> {
    isServerDue = false
    tell(`the server is killed (${far})`)
    await kill()
    await start()
    tell('the server has been started again, and answers')
  }

  return {
    async at(inspected, total) {
      const far = `${formatCount(inspected)} of ${formatCount(total)} inspected`
      if (held === null) {
        if (inspected >= Math.min(total / 4, total - handlers)) await killWorker(far)
      } else if (server !== null && isServerDue && inspected >= Math.min(total / 2, total - held.length))
        await crash(server, far)
    },
    async harm() {
      if (held === null) return { sentences: ['chaos came too late: there was no worker at work'], isGood: false }
      const records = await recordsOf(client, held)
      const recovered = records.filter(({ recoveries }) => recoveries > 0).length
      const whose = server === null ? ['the server was left alone: the demo has not started it'] : []
      const missed = isServerDue ? ['chaos came too late for the server'] : []
      const rescue = `recovered: ${recovered} of the ${countOf(held.length, 'task')} that the killed worker held`
      return {
        sentences: [...sentences, ...whose, ...missed, rescue],
        isGood: recovered === held.length && !isServerDue,
      }
    },
  }
}

/** Of a worker that is stopped. Asked twice: after the first answer the server has read whatever the worker could still send. */
async function heldBy(client: Client, workerId: string): Promise<readonly string[]> {
  await runningOf(client, workerId)
  return (await runningOf(client, workerId)).map(({ id }) => id)
}

async function runningOf(client: Client, workerId: string): Promise<readonly TaskRecord[]> {
  const records: TaskRecord[] = []
  for await (const record of client.each({ view: STATUS.running }))
    if (record.workerId === workerId) records.push(record)
  return records
}
