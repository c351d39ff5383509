import { STATUS, task, type Backend, type HandledTask, type TaskContext, type TurnRequest } from '@millrace/core'
import type { Worker } from '@millrace/worker'
import { drive, type Bench, type BenchWorkerOptions } from './harness.ts'
import { tap, type Tap } from './tap.ts'

/** The bench's store behind a network: a turn takes `ms` there and back, on the bench's clock. */
export function slowTap(bench: Bench, ms: number): Tap {
  const pause = (): Promise<void> => new Promise((resolve) => void bench.clock.after(ms / 2, resolve))
  const backend = new Proxy(bench.store, {
    get(target, name: keyof Backend) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      if (name !== 'turn') return member.bind(target)
      return async (request: TurnRequest) => {
        await pause()
        const answer = await bench.store.turn(request)
        await pause()
        return answer
      }
    },
  })
  return tap(backend, bench.clock)
}

/** Takes one ms of the bench's clock, and says who ran. */
export function brief(bench: Bench, name = 'demo.brief'): { task: HandledTask<{ n?: number }, null>; runs: string[] } {
  const runs: string[] = []
  const run = async (_: { n?: number }, { id, attempt }: TaskContext): Promise<null> => {
    runs.push(`${id}#${attempt}`)
    await new Promise<void>((resolve) => void bench.clock.after(1, resolve))
    return null
  }
  return { task: task(name, { run }), runs }
}

export interface Warm {
  readonly worker: Worker
  readonly tap: Tap
}

/** A worker behind a slow network that has seen 600 short handlers, so that it holds more than it runs. */
export async function warmWorker(bench: Bench, options: BenchWorkerOptions): Promise<Warm> {
  const short = brief(bench, 'demo.warm')
  await bench.enqueue(short.task, 600)
  const tap = slowTap(bench, 4)
  const worker = await bench.started({ ...options, tasks: [short.task, ...options.tasks] }, { tap })
  for (let i = 0; i < 2_000 && short.runs.length < 560; i++) await drive(bench.clock, 1, 1)
  if ((await bench.count(STATUS.running)) === 0) throw new Error('the worker is not busy')
  return { worker, tap }
}
