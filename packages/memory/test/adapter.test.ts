import { connect, QueueError } from '@millrace/core'
import { memory } from '@millrace/memory'
import { describe, expect, it } from 'vitest'
import { sampleRequest } from './sample.ts'

describe('a memory: url', () => {
  it.each(['memory:', 'memory://', 'MEMORY:'])('%s opens a backend', async (url) => {
    const backend = connect(url, { memory })
    expect(backend.capabilities.name).toBe('memory')
    expect(await backend.enqueue([sampleRequest()])).toMatchObject([{ outcome: 'created' }])
  })

  it('opens a store of its own each time', async () => {
    const request = sampleRequest()
    await connect('memory:', { memory }).enqueue([request])
    expect(await connect('memory:', { memory }).get([request.id])).toEqual([null])
  })

  it('takes what it is told of the namespace, as memoryBackend does', () => {
    expect(connect('memory:', { memory }, { namespace: 'shop', aging: '10m' }).capabilities.name).toBe('memory')
    expect(() => memory.connect('memory:', { namespace: '' })).toThrow('memory.namespace must be')
    expect(() => memory.connect('memory:', { aging: 0 })).toThrow('memory.aging must be')
  })

  it.each(['memory:shop', 'memory://host', 'memory:///', 'memory:?a=1'])('%s is refused', (url) => {
    expect(() => connect(url, { memory })).toThrow(QueueError)
    expect(() => connect(url, { memory })).toThrow('url must be memory: with nothing behind it')
  })
})
