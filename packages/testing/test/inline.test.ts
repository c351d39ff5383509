import { fixed, QueueError, STATUS, task } from '@millrace/core'
import { createTestbed } from '@millrace/testing'
import { expect, it } from 'vitest'

const double = task('double', { run: ({ n }: { n: number }) => n * 2 })

it('an enqueue returns when the handler has', async () => {
  await using bed = await createTestbed({ tasks: [double], mode: 'inline' })
  const handle = await bed.client.enqueue(double, { n: 2 })
  expect(await handle.result({ timeout: 0 })).toBe(4)
  const handles = await bed.client.enqueueMany(double, [{ input: { n: 3 } }, { input: { n: 4 } }])
  expect(
    await Promise.all(handles.flatMap((one) => (one.outcome === 'conflict' ? [] : [one.result({ timeout: 0 })]))),
  ).toEqual([6, 8])
  expect(await bed.client.enqueueAndWait(double, { n: 5 })).toBe(10)
})

it('what is not due yet waits for its time', async () => {
  await using bed = await createTestbed({ tasks: [double], mode: 'inline' })
  const handle = await bed.client.enqueue(double, { n: 2 }, { delay: '1h' })
  expect((await handle.refresh())?.status).toBe(STATUS.scheduled)
  await expect(bed.client.enqueueAndWait(double, { n: 2 }, { delay: '1h' })).rejects.toMatchObject({ code: 'timeout' })
  await bed.advance('1h')
  expect(await handle.result({ timeout: 0 })).toBe(4)
})

it('what no task here waits for stays where it is', async () => {
  await using bed = await createTestbed({ tasks: [double], mode: 'inline' })
  const handle = await bed.client.enqueue(task('other', { queue: 'other' }), {})
  expect((await handle.refresh())?.status).toBe(STATUS.pending)
  await using empty = await createTestbed({ mode: 'inline' })
  expect((await (await empty.client.enqueue(double, { n: 1 })).refresh())?.status).toBe(STATUS.pending)
})

it('handlers enqueue inline as well, as deep as a hundred', async () => {
  const down = task('down', {
    run: async ({ n }: { n: number }): Promise<number> =>
      n === 0 ? 0 : 1 + (await bed.client.enqueueAndWait<{ n: number }, number>(down, { n: n - 1 })),
  })
  await using bed = await createTestbed({ tasks: [down], mode: 'inline' })
  expect(await bed.client.enqueueAndWait(down, { n: 99 })).toBe(99)
})

it('a failure stays in the record', async () => {
  const fail = failing(new Error('boom'))
  await using bed = await createTestbed({ tasks: [fail], mode: 'inline' })
  const handle = await bed.client.enqueue(fail, {})
  expect(await handle.refresh()).toMatchObject({ status: STATUS.scheduled, error: { message: 'boom' } })
  await bed.advance('1m')
  expect(await handle.refresh()).toMatchObject({ status: STATUS.failed, attempt: 2 })
})

it('or is thrown where it was enqueued', async () => {
  const error = new TypeError('boom')
  const fail = failing(error)
  await using bed = await createTestbed({ tasks: [fail], mode: 'inline', onFailure: 'throw' })
  expect(await bed.client.enqueue(fail, {}).catch((reason: unknown) => reason)).toBe(error)
  expect(await bed.client.getByKey('none')).toBeNull()
  await bed.assertEnqueued(fail, { status: STATUS.scheduled })
})

it('is thrown to whoever enqueued it, and to nobody else', async () => {
  const error = new TypeError('boom')
  const fail = failing(error)
  const lenient = task('lenient', {
    run: async () => await bed.client.enqueue(fail, {}).then(String, (reason: unknown) => reason === error),
  })
  await using bed = await createTestbed({ tasks: [fail, double, lenient], mode: 'inline', onFailure: 'throw' })
  expect(await bed.client.enqueueAndWait(lenient, {})).toBe(true)
  const [bad, good] = await Promise.allSettled([bed.client.enqueue(fail, {}), bed.client.enqueue(double, { n: 1 })])
  expect([bad.status, good.status]).toEqual(['rejected', 'fulfilled'])
})

it('refuses as an ordinary client does', async () => {
  await using bed = await createTestbed({ tasks: [double], mode: 'inline' })
  // @ts-expect-error -- text is no number
  const bad = bed.client.enqueueAndWait(double, { n: 1 }, { dely: '5m' })
  await expect(bad).rejects.toBeInstanceOf(QueueError)
  await bed.assertNotEnqueued(double)
})

function failing(error: Error) {
  return task('failing', {
    retries: 1,
    backoff: fixed('1m'),
    run: (): null => {
      throw error
    },
  })
}
