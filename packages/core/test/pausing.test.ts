import { createClient, task } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { memoryClient } from './memory-client.ts'
import { recordingBackend } from './recording-backend.ts'
import { invalid, rejection } from './refusal.ts'

const note = task<{ n: number }, null>('note', { queue: 'mail' })
const LINE = { queue: 'mail', executionBackend: 'local' }

describe('pausing', () => {
  it('holds back a queue, some queues, or everything, until it is resumed', async () => {
    const { client } = memoryClient()
    await client.enqueue(note, { n: 1 })
    for (const queues of ['mail', ['mail', 'other']] as const) {
      await client.pause(queues)
      expect(await client.paused()).toEqual({ namespace: false, queues: [queues].flat() })
      expect(await client.claimNext({ workerId: 'w', queues: ['mail'] })).toBeNull()
      await client.resume(queues)
    }
    await client.pause()
    expect(await client.paused()).toEqual({ namespace: true, queues: [] })
    expect(await client.claimNext({ workerId: 'w', queues: ['mail'] })).toBeNull()
    await client.resume()
    expect(await client.claimNext({ workerId: 'w', queues: ['mail'] })).not.toBeNull()
  })

  it.each(['pause', 'resume'] as const)(
    '%s takes a name that got lost for a mistake, not for everything',
    async (act) => {
      const { backend, calls } = recordingBackend()
      const client = createClient({ backend })
      for (const lost of [undefined, null]) {
        expect(await rejection(() => Reflect.apply(client[act], client, [lost]))).toEqual(invalid('queues'))
      }
      expect(calls).toEqual([])
    },
  )

  it.each(['pause', 'resume'] as const)('%s refuses a bad name, before anything is changed', async (act) => {
    const { client } = memoryClient()
    expect(await rejection(() => client[act](['mail', 'no queue']))).toEqual(invalid('queues[1]'))
    expect(await rejection(() => client[act](''))).toEqual(invalid('queues[0]'))
    expect(await client.paused()).toEqual({ namespace: false, queues: [] })
  })

  it.each(['pause', 'resume'] as const)('%s refuses queues that are not in a list', async (act) => {
    const { backend, calls } = recordingBackend()
    const client = createClient({ backend })
    expect(await rejection(() => Reflect.apply(client[act], client, ['mail', 'bulk']))).toEqual(invalid('queues'))
    expect(calls).toEqual([])
  })

  it('comes behind what was enqueued before it', async () => {
    const { client, backend } = memoryClient()
    const enqueued = client.enqueue(note, { n: 1 })
    await client.pause('mail')
    const { id } = await enqueued
    const { records } = await backend.turn({ workerId: 'w', slot: 0, nonce: 'n', claim: { lines: [LINE], limit: 1 } })
    expect(records).toEqual([])
    expect((await client.get(id))?.status).toBe('pending')
  })
})
