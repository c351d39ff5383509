import { AttemptAborted, QueueError, STATUS, task, type TaskContext } from '@millrace/core'
import { createTestbed, taskContext, taskRecord } from '@millrace/testing'
import { describe, expect, it } from 'vitest'

const copy = task<{ from: string; to?: string }, number>('file.copy', { queue: 'files', retries: 3, priority: 2 })

async function copyFile({ from }: { from: string }, context: TaskContext): Promise<number> {
  context.progress({ done: 0 })
  context.signal.throwIfAborted()
  context.progress({ done: 1, from })
  context.log('copied', { from })
  context.log('done')
  return context.attempt
}

it('a handler can be called without a queue', async () => {
  const context = taskContext(copy, { from: 'a' }, { attempt: 2 })
  expect(await copyFile({ from: 'a' }, context)).toBe(2)
  expect(context.reports).toEqual([{ done: 0 }, { done: 1, from: 'a' }])
  expect(context.logged).toEqual([
    { message: 'copied', data: { from: 'a' } },
    { message: 'done', data: null },
  ])
})

it('and be told to stop', async () => {
  const context = taskContext(copy, { from: 'a' })
  context.abort('timeout')
  await expect(copyFile({ from: 'a' }, context)).rejects.toMatchObject({ name: 'AttemptAborted', code: 'timeout' })
  expect(context.signal.reason).toBeInstanceOf(AttemptAborted)
})

it('a record is like one that a worker claims', async () => {
  let claimed: TaskContext | null = null
  const real = copy.handle((_input, context) => {
    claimed = context
    return 1
  })
  await using bed = await createTestbed({ tasks: [real], now: 1_800_000_000_000 })
  await bed.client.enqueue(copy, { from: 'a' })
  await bed.runAll()
  const { id, workerId, ...rest } = taskRecord(copy, { from: 'a' })
  expect(claimed).toMatchObject({ record: rest })
  expect(Object.keys(taskContext(copy, { from: 'a' }).record).toSorted()).toEqual(
    Object.keys((await bed.client.get((await bed.enqueued(copy))[0]?.id ?? '')) ?? {}).toSorted(),
  )
  expect({ id, workerId }).toEqual({ id: expect.any(String), workerId: expect.any(String) })
})

it('takes fields, and refuses what a record does not have or cannot store', () => {
  const record = taskRecord(copy, { from: 'a' }, { attempt: 3, metadata: { tenant: 'b' }, status: STATUS.failed })
  expect(record).toMatchObject({
    attempt: 3,
    retryCount: 2,
    metadata: { tenant: 'b' },
    status: 'failed',
    queue: 'files',
  })
  expect(taskRecord(copy, { from: 'a' }).id).not.toBe(record.id)
  // @ts-expect-error -- attempt
  expect(() => taskRecord(copy, { from: 'a' }, { atempt: 3 })).toThrow('did you mean attempt?')
  // @ts-expect-error -- a Date is no JSON
  expect(() => taskRecord(copy, { from: new Date() })).toThrow(QueueError)
  expect(() => taskContext(copy, { from: 'a' }).progress(1n)).toThrow(QueueError)
  expect(() => taskContext(copy, { from: 'a' }).log('a', 1n)).toThrow(QueueError)
})

describe('what no record has is refused by name', () => {
  it.each([
    ['attempt', -3],
    ['attempt', 0],
    ['attempt', '1'],
    ['status', 'weird'],
    ['lastEvent', 'claimed'],
    ['queue', 5],
    ['id', 5],
    ['parentId', ''],
    ['executionBackend', ''],
    ['args', {}],
    ['metadata', []],
    ['priority', 5_000],
    ['key', 5],
    ['keyScope', 'queue'],
    ['keyHold', 'long'],
    ['retryCount', -1],
    ['maxRetries', 0.5],
    ['requeueOnStale', 'yes'],
    ['createdAt', null],
    ['scheduledAt', 'tomorrow'],
    ['workerId', 7],
  ])('%s: %j', (name, value) => {
    const refused = expect.objectContaining({ code: 'invalid_argument', parameter: `fields.${name}` })
    expect(() => taskRecord(copy, { from: 'a' }, { [name]: value })).toThrow(refused)
    expect(() => taskContext(copy, { from: 'a' }, { [name]: value })).toThrow(refused)
  })

  it('and so is a reason to stop that there is not, or a task that is none', () => {
    const context = taskContext(copy, { from: 'a' })
    expect(() => Reflect.apply(context.abort, context, ['nope'])).toThrow(
      'reason must be one of timeout, cancelled, lost, shutdown',
    )
    expect(context.signal.aborted).toBe(false)
    for (const call of [taskRecord, taskContext])
      expect(() => Reflect.apply(call, null, ['file.copy', {}])).toThrow('task must be a task: task(name, options)')
  })

  it('but what a record may not have', () => {
    const fields = { key: null, scheduledAt: null, workerId: null, executionProfile: null, result: { any: 1 } }
    expect(taskRecord(copy, { from: 'a' }, fields)).toMatchObject(fields)
  })
})
