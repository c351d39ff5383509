import { fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** A process that runs the command `work`. */
export interface WorkerProcess {
  /** `worker 1`. */
  readonly name: string
  readonly pid: number
  /** The worker's own id, once it works; null if it ended before. */
  readonly ready: Promise<string | null>
  /** How it ended: `SIGKILL`, `exit code 0`. */
  readonly ended: Promise<string>
  signal(name: NodeJS.Signals): void
}

export interface WorkerProcessOptions {
  /** It goes through the environment: what stands on a command line everybody on the machine can read. */
  readonly url: string
  /** Of the command `work`. */
  readonly words: readonly string[]
  readonly say: (line: string) => void
}

const MAIN = fileURLToPath(new URL(`main${extname(import.meta.url)}`, import.meta.url))

/** What it prints is said line by line, under its name. It stops by itself when this process is gone. */
export function startWorkerProcess(name: string, { url, words, say }: WorkerProcessOptions): WorkerProcess {
  const child = fork(MAIN, ['work', ...words], {
    env: { ...process.env, MILLRACE_URL: url },
    execArgv: [],
    silent: true,
    // Ctrl-C is for the one who started it, and who tells it when to stop.
    detached: true,
  })
  for (const output of [child.stdout, child.stderr])
    if (output !== null) createInterface({ input: output }).on('line', (line) => say(`  ${name} | ${line}`))
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => String(signal ?? `exit code ${String(code)}`))
  const ready = new Promise<string>((resolve) => {
    child.on('message', (message) => {
      const { data } = working.safeParse(message)
      if (data !== undefined) resolve(data.working)
    })
  })
  return {
    name,
    pid: child.pid ?? 0,
    ready: Promise.race([ready, ended.then(() => null)]),
    ended,
    signal: (signal) => void child.kill(signal),
  }
}

const working = z.object({ working: z.string() })

/** To the process that has started this one as its worker, if there is one: it works, under this id. */
export function sayWorking(workerId: string): void {
  process.send?.({ working: workerId } satisfies z.infer<typeof working>)
}
