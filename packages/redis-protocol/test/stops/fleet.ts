import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@millrace/core'
import { createChange } from './change.ts'
import { LONGEST_STOP_MS, type Life } from './events.ts'

const sources = new URL('../../../worker/test/fixture/sources.mjs', import.meta.url)
const program = fileURLToPath(new URL('working.ts', import.meta.url))

/** A worker process under load. */
export interface Working {
  /** Resolves when handlers have finished so often, or it has ended. */
  finished(count: number): Promise<void>
  /** Tells it to stop; resolves when it has ended. One that does not in time is killed. */
  stop(): Promise<Life>
}

export interface WorkingOptions {
  /** A folder that keeps what Node makes of the sources, for the next one. */
  readonly cache: string
  /** Nothing may be left of it when this aborts. */
  readonly over: AbortSignal
  readonly onFinished: () => void
}

/** `words` are those of the program. */
export async function startWorking(
  words: readonly string[],
  { cache, over, onFinished }: WorkingOptions,
): Promise<Working> {
  over.throwIfAborted()
  const child = spawn(process.execPath, ['--import', sources.href, program, ...words], {
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  over.addEventListener('abort', () => void child.kill('SIGKILL'))
  const change = createChange()
  let [isReady, isOver, count] = [false, false, 0]
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'ready') isReady = true
    else {
      count += 1
      onFinished()
    }
    change.tell()
  })

  async function end(): Promise<void> {
    await once(child, 'exit')
    isOver = true
    change.tell()
  }

  const ended = end()
  await change.until(() => isReady || isOver)
  return {
    finished: (wanted) => change.until(() => count >= wanted || isOver),
    async stop() {
      const since = performance.now()
      child.kill('SIGTERM')
      const disarm = systemClock.after(2 * LONGEST_STOP_MS, () => void child.kill('SIGKILL'))
      await ended
      disarm()
      const { pid = 0, exitCode: code, signalCode: signal } = child
      return { pid, code, signal, tookMs: performance.now() - since }
    },
  }
}
