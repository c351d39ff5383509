import { task } from '@millrace/core'
import { memoryBackend, memoryStore } from '@millrace/memory'
import { createTestbed } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { command } from '../../../scripts/servers/connection.mjs'
import { backendAt } from './sample/backend.ts'

const redis = process.env['MILLRACE_TEST_REDIS_URL'] ?? ''

describe.each([
  ['memory', (store: ReturnType<typeof memoryStore>) => (given: object) => memoryBackend({ store, ...given })],
  ['Redis', () => backendAt(redis)],
])('two testbeds side by side on %s', (_name, open) => {
  it("do not see each other, nor each other's time", async () => {
    const seen: string[] = []
    const backend = open(memoryStore())
    const noted = (who: string) => task('noted', { run: ({ n }: { n: number }) => void seen.push(`${who} ${n}`) })
    const [ours, theirs] = [noted('a'), noted('b')]
    await using a = await createTestbed({ tasks: [ours], backend, now: 1_900_000_000_000 })
    await using b = await createTestbed({ tasks: [theirs], backend, now: 2_000_000_000_000 })
    await a.client.enqueue(ours, { n: 1 }, { delay: '1h' })
    await b.client.enqueue(theirs, { n: 2 }, { delay: '1h' })
    const [, none] = await Promise.all([a.advance('1h'), b.runAll()])
    expect(seen).toEqual(['a 1'])
    expect(none.runs).toBe(0)
    expect([a.clock.now(), b.clock.now()]).toEqual([1_900_003_600_000, 2_000_000_000_000])
    await a.close()
    await b.advance('1h')
    expect(seen).toEqual(['a 1', 'b 2'])
  })
})

it('leaves nothing behind in a store', async () => {
  const store = memoryStore()
  const bed = await createTestbed({
    tasks: [task('a', { run: () => null })],
    backend: (given) => memoryBackend({ store, ...given }),
  })
  await bed.client.enqueue(task('a'), {})
  await bed.runAll()
  expect(store.namespaces).toHaveLength(1)
  await bed.close()
  await bed.close()
  expect(store.namespaces).toEqual([])
  await expect(bed.client.get('01a22bba-988e-7001-af71-9c0567c0a400')).rejects.toMatchObject({ code: 'closed' })
})

it('leaves nothing behind on a server, not even with a handler that hangs', async () => {
  let namespace = ''
  const hang = task('hang', { run: () => new Promise<null>(() => undefined) })
  const bed = await createTestbed({
    tasks: [hang],
    patience: 1,
    backend: (given) => {
      ;({ namespace } = given)
      const open = backendAt(redis)
      if (open === undefined) throw new Error('there is no server')
      return open(given)
    },
  })
  await bed.client.enqueue(hang, {})
  await expect(bed.runAll()).rejects.toMatchObject({ code: 'hanging' })
  expect(await keysLike(namespace)).not.toEqual([])
  await bed.close()
  expect(await keysLike(namespace)).toEqual([])
})

it('goes on when the code under test has closed its client', async () => {
  const a = task('a', { run: () => 1 })
  await using bed = await createTestbed({ tasks: [a] })
  await bed.client.enqueue(a, {})
  await bed.client.close()
  expect(await bed.runAll()).toMatchObject({ completed: 1 })
  await bed.assertEnqueued(a, { status: 'completed' })
})

it.each(['queued', 'inline'] as const)('handlers go on enqueuing by it: %s', async (mode) => {
  const b = task('b', { run: () => 2 })
  const a = task('a', { run: async () => void (await bed.client.enqueue(b, {})) })
  await using bed = await createTestbed({ tasks: [a, b], mode, onFailure: 'throw' })
  const first = bed.client.enqueue(a, {}, { delay: '1h' })
  await bed.client.close()
  await first
  expect(await bed.advance('1h')).toMatchObject({ runs: 2, completed: 2 })
  await bed.close()
  await expect(bed.client.enqueue(a, {})).rejects.toMatchObject({ code: 'closed' })
})

async function keysLike(namespace: string): Promise<unknown> {
  return await command(redis, 'KEYS', `*${namespace}*`)
}
