import { QueueError } from '@millrace/core'
import { expect, it } from 'vitest'
import { checkEngineOptions, ENGINE_OPTIONS } from '../src/options.ts'

function refusal(options: object): unknown {
  try {
    checkEngineOptions('redis', options)
    return null
  } catch (error) {
    return error instanceof QueueError ? [error.code, error.parameter] : error
  }
}

it('fills in the defaults', () => {
  expect(checkEngineOptions('redis', {})).toMatchObject({
    namespace: 'millrace', partitions: 1, agingMs: null, clock: null, resendWindowMs: 600_000, wakeups: true, eviction: 'warn', timeoutMs: 10_000,
  }) // prettier-ignore
})

it.for([
  [{ namespce: 'a' }, 'redis.namespce'],
  [{ namespace: '{a}' }, 'redis.namespace'],
  [{ namespace: '' }, 'redis.namespace'],
  [{ partitions: 0 }, 'redis.partitions'],
  [{ partitions: 1_025 }, 'redis.partitions'],
  [{ aging: 0 }, 'redis.aging'],
  [{ aging: '40000d' }, 'redis.aging'],
  [{ aging: null }, 'redis.aging'],
  [{ clock: 5 }, 'redis.clock'],
  [{ limits: { batch: 0 } }, 'redis.limits.batch'],
  [{ limits: { batches: 1 } }, 'redis.limits.batches'],
  [{ resendWindowMs: -1 }, 'redis.resendWindowMs'],
  [{ wakeups: 'no' }, 'redis.wakeups'],
  [{ eviction: 'ignore' }, 'redis.eviction'],
  [{ timeoutMs: 0 }, 'redis.timeoutMs'],
  [{ onReport: true }, 'redis.onReport'],
] as const)('refuses %j by name', ([options, parameter]) => {
  expect(refusal(options)).toEqual(['invalid_argument', parameter])
})

it('tells adapters what it takes', () => {
  const names = Object.keys(checkEngineOptions('redis', {})).map((name) => (name === 'agingMs' ? 'aging' : name))
  expect(names.toSorted()).toEqual(ENGINE_OPTIONS.toSorted())
})
