import { memoryBackend } from '@millrace/memory'
import { expect, it } from 'vitest'
import { LINE, sampleRequest } from './sample.ts'

const BATCH = 1_000
const BATCHES = 200

it('takes, hands out and settles 200 000 records', async () => {
  const backend = memoryBackend()
  for (let i = 0; i < BATCHES; i++) {
    await backend.enqueue(Array.from({ length: BATCH }, (_, n) => sampleRequest({ priority: n % 5 })))
  }
  const turn = { workerId: 'w', slot: 0, claim: { lines: [LINE], limit: BATCH } }
  let { records } = await backend.turn({ ...turn, nonce: 'first' })
  expect(new Set(records.map(({ priority }) => priority))).toEqual(new Set([4]))
  for (let i = 0; records.length > 0; i++) {
    const settlements = records.map(({ id, attempt }) => ({ outcome: 'complete', id, attempt, result: '1' }) as const)
    ;({ records } = await backend.turn({ ...turn, nonce: `n${i}`, settlements }))
  }
  const { counts } = await backend.statistics()
  expect(counts).toMatchObject({ completed: BATCHES * BATCH, pending: 0, running: 0 })
}, 60_000)
