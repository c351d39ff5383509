import { AsyncLocalStorage } from 'node:async_hooks'
import { STATUS, task, type TaskContext, type TaskRecord } from '@millrace/core'
import { expect, it } from 'vitest'
import { Bench, until } from './harness.ts'

/** The same object, with a function that whoever waits for it may call. */
function thenable<T extends object>(object: T, then: (resolve: (value: unknown) => void) => void): T {
  const name = ['th', 'en'].join('')
  Reflect.defineProperty(object, name, { value: then })
  return object
}

/** The record of a handler that returns this, whatever its type says. */
async function ended(returned: unknown): Promise<TaskRecord> {
  await using bench = new Bench()
  const odd = { ...task('demo.odd', { run: () => null }), prepare: () => () => returned }
  const { id } = await bench.client.enqueue(odd, {})
  await bench.started({ tasks: [odd] })
  await until(async () => (await bench.client.get(id))?.completedAt !== null)
  return await bench.record(id)
}

it('a promise with a then of its own is waited for as what it is', async () => {
  const promise = thenable(Promise.resolve(7), () => {})
  expect(await ended(promise)).toMatchObject({ status: STATUS.completed, result: 7 })
})

it('what is no promise and can be waited for is waited for', async () => {
  expect(await ended(thenable({}, (resolve) => resolve(8)))).toMatchObject({ status: STATUS.completed, result: 8 })
})

it('a value at once is the result', async () => {
  expect(await ended(9)).toMatchObject({ status: STATUS.completed, result: 9 })
})

it('a promise that cannot be waited for fails its record', async () => {
  const broken = Object.defineProperty(Promise.resolve(7), 'constructor', {
    get() {
      throw new Error('no constructor')
    },
  })
  expect(await ended(broken)).toMatchObject({ status: STATUS.failed, error: { message: 'no constructor' } })
})

it('what a handler has entered into its asynchronous context is not there for the next one', async () => {
  await using bench = new Bench()
  const trace = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  const demo = task('demo.trace', {
    run: async (_: object, { id }: TaskContext) => {
      seen.push(trace.getStore())
      trace.enterWith(id)
      await Promise.resolve()
    },
  })
  const handles = await bench.client.enqueueMany(
    demo,
    Array.from({ length: 5 }, () => ({ input: {} })),
  )
  await bench.started({ tasks: [demo], concurrency: 2 })
  await until(async () => (await bench.client.get(handles.at(-1)?.id ?? ''))?.completedAt !== null)
  expect(seen).toEqual(Array.from({ length: 5 }, () => undefined))
})
