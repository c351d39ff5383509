import {
  createIdMaker,
  DEFAULT_LIMITS,
  encodeBody,
  systemClock,
  taskRequest,
  type TaskRequest,
  type Watch,
} from '@millrace/core'
import { expect } from 'vitest'
import { command } from '../../../../scripts/servers/connection.mjs'
import { startProxy } from '../../../../scripts/servers/proxy.mjs'
import { keysOf } from '../../src/keys.ts'
import type { FaultLane } from './fault-lane.ts'

const LINE = { queue: 'default', executionBackend: 'local' }
const makeId = createIdMaker(systemClock)

export function plainRequest(): TaskRequest {
  return taskRequest({ id: makeId(), taskName: 'demo.task', body: encodeBody({}, DEFAULT_LIMITS) }, DEFAULT_LIMITS)
}

/**
 * Takes a line's marker for a watch that nobody asks any more: its reply was on the way when the one who waited gave up. `meanwhile`
 * happens, then the watch is closed, which gives the marker back.
 */
export async function giveBackHint(
  lane: FaultLane,
  url: string,
  {
    namespace,
    meanwhile,
    afterwards = async () => undefined,
    ask = (...words) => command(url, ...words),
  }: {
    readonly namespace: string
    readonly meanwhile: (watch: Watch) => Promise<void>
    /** Once the reply has come, before the watch is closed. */
    readonly afterwards?: () => Promise<void>
    /** How the test itself looks at the server. */
    readonly ask?: (...words: string[]) => Promise<unknown>
  },
): Promise<void> {
  const proxy = await startProxy(url)
  const [waiting, other] = [lane.open(proxy.url, { namespace }), lane.open(url, { namespace })]
  const wake = keysOf(namespace, 0).wake('default|local')
  try {
    await waiting.open()
    const watch = await waiting.watch({ lines: [LINE] })
    const asking = new AbortController()
    const hint = watch.next({ signal: asking.signal })
    await expect.poll(() => ask('CLIENT', 'LIST'), { interval: 5 }).toContain('cmd=bzpopmin')
    proxy.pause('replies')
    await other.enqueue([plainRequest()])
    expect(await ask('EXISTS', wake)).toBe(0)
    asking.abort()
    expect(await hint).toBeNull()
    await meanwhile(watch)
    proxy.heal()
    await afterwards()
    await watch.close()
  } finally {
    await waiting.close()
    await other.close()
    await proxy.close()
  }
}
