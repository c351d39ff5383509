import { setTimeout as sleep } from 'node:timers/promises'
import type { Timing } from './orders.ts'
import type { Payload, Producer } from './peers/peer.ts'
import { now } from './tally.ts'

export interface Batch {
  readonly from: number
  readonly count: number
  readonly bytes: number
}

export async function bulk(
  producer: Producer,
  batch: Batch & { readonly width: number; readonly delayMs: number },
): Promise<Timing> {
  const { count, width, delayMs } = batch
  const { addLater } = producer
  if (delayMs > 0 && addLater === null) throw new Error('this peer schedules nothing')
  return await timed(async () => {
    for (let made = 0; made < count; made += width) {
      const payloads = payloadsOf({ ...batch, from: batch.from + made, count: Math.min(width, count - made) })
      await (delayMs > 0 ? addLater?.(payloads, delayMs) : producer.addMany(payloads))
    }
  })
}

export async function oneByOne(producer: Producer, batch: Batch): Promise<Timing> {
  return await timed(async () => {
    for (const payload of payloadsOf(batch)) await producer.add(payload)
  })
}

export async function together(producer: Producer, batch: Batch & { readonly width: number }): Promise<Timing> {
  const { count, width } = batch
  return await timed(async () => {
    for (let made = 0; made < count; made += width) {
      const payloads = payloadsOf({ ...batch, from: batch.from + made, count: Math.min(width, count - made) })
      await Promise.all(payloads.map((payload) => producer.add(payload)))
    }
  })
}

/** Not one after the other: a slow enqueue must not thin out the load. */
export async function spaced(
  producer: Producer,
  batch: Batch & { readonly gapMs: number; readonly gaps: 'equal' | 'random' },
): Promise<Timing> {
  return await timed(async () => {
    const adding: Promise<unknown>[] = []
    let due = now()
    for (const payload of payloadsOf(batch)) {
      due += batch.gapMs * (batch.gaps === 'equal' ? 1 : -Math.log(1 - Math.random()))
      const left = due - now()
      if (left > 0) await sleep(left)
      adding.push(producer.add({ ...payload, at: now() }))
    }
    await Promise.all(adding)
  })
}

function payloadsOf({ from, count, bytes }: Batch): readonly Payload[] {
  const s = 'x'.repeat(bytes)
  return Array.from({ length: count }, (_, k) => ({ i: from + k, at: 0, s }))
}

async function timed(act: () => Promise<void>): Promise<Timing> {
  const startedAt = now()
  const before = process.cpuUsage()
  await act()
  const { user, system } = process.cpuUsage(before)
  return { ms: now() - startedAt, cpuUs: user + system }
}
