import { DEFAULT_LIMITS, manualClock, QueueError } from '@millrace/core'
import { memoryBackend, memoryStore, type MemoryOptions } from '@millrace/memory'
import { describe, expect, it } from 'vitest'

function refusal(options: object): QueueError {
  try {
    memoryBackend(options)
  } catch (error) {
    if (error instanceof QueueError) return error
  }
  throw new Error('it was not refused')
}

describe('the options of a memory backend', () => {
  it('may all be left out', async () => {
    const { capabilities, ...backend } = { ...memoryBackend(), capabilities: memoryBackend().capabilities }
    expect(backend).toBeDefined()
    expect(capabilities).toEqual({
      name: 'memory',
      durable: false,
      shared: false,
      limits: DEFAULT_LIMITS,
      resendWindowMs: 600_000,
    })
  })

  it('are taken as given', async () => {
    const options: MemoryOptions = {
      store: memoryStore(),
      namespace: 'shop',
      clock: manualClock(5_000),
      limits: { batch: 2 },
      resendWindowMs: 0,
    }
    const backend = memoryBackend(options)
    expect(backend.capabilities.limits).toEqual({ ...DEFAULT_LIMITS, batch: 2 })
    expect(backend.capabilities.resendWindowMs).toBe(0)
    expect((await backend.statistics()).at).toBe(5_000)
    expect(options.store?.namespaces).toEqual(['shop'])
  })

  it.each([
    [
      'a name that is not known, with the one that was meant',
      { namespcae: 'a' },
      'memory.namespcae',
      'did you mean namespace?',
    ],
    ['an unknown limit', { limits: { bacth: 1 } }, 'memory.limits.bacth', 'did you mean batch?'],
    ['a limit of 0', { limits: { batch: 0 } }, 'memory.limits.batch', 'whole number'],
    ['a namespace that is no name', { namespace: '' }, 'memory.namespace', 'must be'],
    ['a store of another making', { store: { namespaces: [] } }, 'memory.store', 'memoryStore()'],
    ['an aging of nothing', { aging: 0 }, 'memory.aging', 'at least 1 ms'],
    ['an aging that is no duration', { aging: 'slow' }, 'memory.aging', '"5m"'],
    ['an aging of more than 31 years', { aging: 1_000_000_000_001 }, 'memory.aging', 'as good as none'],
    ['a clock without now', { clock: {} }, 'memory.clock', 'now()'],
    ['a window below 0', { resendWindowMs: -1 }, 'memory.resendWindowMs', 'whole number'],
  ])('refuse %s', (_, options, parameter, message) => {
    const error = refusal(options)
    expect(error.code).toBe('invalid_argument')
    expect(error.parameter).toBe(parameter)
    expect(error.message).toContain(message)
  })
})
