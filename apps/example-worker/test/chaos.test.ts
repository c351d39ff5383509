import { createClient } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { expect, test } from 'vitest'
import { startChaos } from '../src/chaos.ts'
import { startFleet } from '../src/fleet.ts'
import type { WorkerProcess } from '../src/worker-process.ts'

/** That remembers its signals. */
function idle(): { readonly worker: WorkerProcess; readonly signals: NodeJS.Signals[] } {
  const signals: NodeJS.Signals[] = []
  const ready = Promise.resolve('worker-1')
  const ended = Promise.resolve('SIGKILL')
  return { worker: { name: 'worker 1', pid: 1, ready, ended, signal: (name) => void signals.push(name) }, signals }
}

test('chaos leaves a worker alone that holds nothing, and says at the end that it came too late', async () => {
  await using client = createClient({ backend: memoryBackend() })
  const { worker, signals } = idle()
  const lines: string[] = []
  const unused = (): never => expect.unreachable()
  const chaos = startChaos({
    client,
    fleet: { workers: [worker] },
    server: { kill: unused, start: unused },
    handlers: 4,
    say: (line) => void lines.push(line),
  })
  await chaos.at(10, 100)
  expect(signals).toEqual([])
  await chaos.at(25, 100)
  expect(signals).toEqual(['SIGSTOP', 'SIGCONT'])
  expect(lines).toEqual([])
  expect(await chaos.harm()).toEqual({ sentences: [expect.stringContaining('too late')], isGood: false })
})

test('a worker process that cannot even begin is not replaced: the fleet is broken', async () => {
  const lines: string[] = []
  const fleet = startFleet({
    size: 1,
    concurrency: 1,
    url: 'memory:',
    words: ['--nonsense'],
    say: (line) => void lines.push(line),
  })
  expect(await fleet.ready).toEqual([null])
  await expect.poll(() => fleet.broken.aborted, { timeout: 10_000 }).toBe(true)
  expect(fleet.broken.reason).toMatchObject({
    message: expect.stringMatching(/^worker 1 \(process \d+\) ended: exit code 2$/),
  })
  expect(lines.join('\n')).toContain("worker 1 | error: unknown option '--nonsense'")
  await fleet.stop()
})
