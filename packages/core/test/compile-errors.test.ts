import {
  createClient, exponential, fixed, task, type Client, type Enqueued, type Handle, type HandleActs, type HandledTask, type Json, type JsonCompatible, type JsonObject, type TaskContext,
  type TaskContract, type TaskRecord,
} from '@millrace/core' // prettier-ignore
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { typeErrorsIn } from '../../../scripts/checks/type-errors.mjs'
import { recordingBackend } from './recording-backend.ts'

/*
 * The compiler is the test here, and the first test asks it: each `@ts-expect-error` is an error of its own when the line below it
 * compiles. Nothing of this reaches a backend.
 */
it('all that is said here of types is so', { timeout: 30_000 }, async () => {
  expect(await typeErrorsIn(import.meta.filename)).toEqual([])
})

const client: Client = createClient({ backend: recordingBackend().backend })
/** Compiled, never run. */
const compiled = (_code: (...parameters: never[]) => unknown): void => {
  expect.assertions(0)
}

const sendEmail = task('email.send', {
  input: z.object({ to: z.email(), copies: z.number().default(1) }),
  retries: 5,
  backoff: exponential('1s', { max: '10m' }),
  timeout: '30s',
  run: async ({ to, copies }, context) => {
    context.signal.throwIfAborted()
    return { messageId: `${to}-${copies}` }
  },
})
const resize = task('image.resize', { input: z.object({ url: z.url() }), output: z.object({ width: z.number() }) })

interface Order {
  readonly id: string
  readonly lines: readonly { readonly sku: string; readonly count: number }[]
  readonly note?: string
}
interface Receipt {
  readonly total: number
}
const charge = task<Order, Receipt>('order.charge')
const bare = task('bare')
const loose = task('loose', { run: async ({ any, object }: { any: Json; object: JsonObject }) => ({ any, object }) })

describe('types go from end to end', () => {
  it('a handle that was narrowed has parts that a declaration file can name', () => {
    compiled((handle: Handle<string>) => {
      if (handle.outcome !== 'reserved') return
      expectTypeOf(handle).toEqualTypeOf<HandleActs<string> & Extract<Enqueued, { readonly outcome: 'reserved' }>>()
    })
  })

  it('with a schema: what goes in is its input, what the handler takes its output', () => {
    expectTypeOf(sendEmail).toEqualTypeOf<
      HandledTask<{ to: string; copies?: number | undefined }, { messageId: string }>
    >()
    compiled(async () => {
      const handle = await client.enqueue(sendEmail, { to: 'a@example.test' })
      expectTypeOf(handle).toEqualTypeOf<Handle<{ messageId: string }>>()
      expectTypeOf(handle.outcome).toEqualTypeOf<'created' | 'existing' | 'replaced' | 'reserved'>()
      if (handle.outcome === 'created') expectTypeOf(handle.record).toEqualTypeOf<TaskRecord>()
      if (handle.outcome === 'reserved') expectTypeOf(handle.record).toEqualTypeOf<null>()
      expectTypeOf(await handle.result({ timeout: '10s' })).toEqualTypeOf<{ messageId: string }>()
    })
    task('probe', {
      input: z.object({ at: z.string().transform((text) => new Date(text)) }),
      run: (input, context) => {
        expectTypeOf(input).toEqualTypeOf<{ at: Date }>()
        expectTypeOf(context).toEqualTypeOf<TaskContext>()
        return null
      },
    })
  })

  it('with an output schema', () => {
    expectTypeOf(resize).toEqualTypeOf<TaskContract<{ url: string }, { url: string }, { width: number }>>()
    expectTypeOf(resize.handle(({ url }) => ({ width: url.length }))).toEqualTypeOf<
      HandledTask<{ url: string }, { width: number }>
    >()
    compiled(async () => {
      const handle = await client.enqueue(resize, { url: 'https://example.test' })
      expectTypeOf(await handle.result()).toEqualTypeOf<{ width: number }>()
    })
  })

  it('with interfaces', () => {
    expectTypeOf(charge).toEqualTypeOf<TaskContract<Order, Order, Receipt>>()
    compiled(async () => {
      const order: Order = { id: 'a', lines: [{ sku: 'b', count: 1 }] }
      const handle = await client.enqueue(charge, order, { key: order.id })
      expectTypeOf(await handle.result()).toEqualTypeOf<Receipt>()
      charge.handle(async ({ lines }) => ({ total: lines.length }))
    })
  })

  it('without a schema: from the handler', () => {
    const add = task('add', { run: async ({ a, b }: { a: number; b: number }) => a + b })
    expectTypeOf(add).toEqualTypeOf<HandledTask<{ a: number; b: number }, number>>()
    const log = task('log', { run: ({ text }: { text: string }) => void text })
    expectTypeOf(log).toEqualTypeOf<HandledTask<{ text: string }, null>>()
  })

  it('without anything: JSON in, JSON out', () => {
    compiled(async () => {
      const handle = await client.enqueue(bare, { anything: [1, { a: null }] })
      expectTypeOf(await handle.result()).toEqualTypeOf<Json>()
      const input = { text: 'x', list: [1] }
      await client.enqueue(bare, input)
      const { object } = await (await client.enqueue(loose, { any: [1], object: input })).result()
      expectTypeOf(object).toEqualTypeOf<JsonObject>()
    })
    expectTypeOf(task('json', { run: (): Json => 5 })).toEqualTypeOf<HandledTask<object, Json>>()
  })

  it('for many at once', () => {
    compiled(async () => {
      const handles = await client.enqueueMany(resize, [{ input: { url: 'x' }, options: { delay: '5m' } }])
      expectTypeOf(handles[0]?.outcome).toEqualTypeOf<
        'created' | 'existing' | 'replaced' | 'reserved' | 'conflict' | undefined
      >()
      const [first] = handles
      if (first?.outcome !== 'conflict')
        expectTypeOf(await first?.result()).toEqualTypeOf<{ width: number } | undefined>()
      if (first?.outcome !== 'conflict') return
      expectTypeOf(first.record).toEqualTypeOf<TaskRecord | null>()
      expectTypeOf(await first.refresh()).toEqualTypeOf<TaskRecord | null>()
    })
  })

  it('what can be stored stays as it is', () => {
    compiled((order: Order): JsonCompatible<Order> => order)
    expectTypeOf<JsonCompatible<[1, 'a', null]>>().toEqualTypeOf<[1, 'a', null]>()
    expectTypeOf<JsonCompatible<{ at: Date }>>().not.toEqualTypeOf<{ at: Date }>()
    expectTypeOf<JsonCompatible<bigint>>().toBeNever()
    expectTypeOf<JsonCompatible<() => void>>().toBeNever()
  })
})

describe('a mistake is a compile error where it is made:', () => {
  it('a wrong payload', () => {
    compiled(() => [
      // @ts-expect-error a number is no address
      client.enqueue(sendEmail, { to: 1 }),
      // @ts-expect-error no address
      client.enqueue(sendEmail, {}),
      // @ts-expect-error no input
      client.enqueue(sendEmail),
      // @ts-expect-error a misspelt name
      client.enqueue(sendEmail, { to: 'a', copy: 5 }),
      // @ts-expect-error a count that is a text
      client.enqueue(charge, { id: 'a', lines: [{ sku: 'b', count: '1' }] }),
      // @ts-expect-error an item without its input
      client.enqueueMany(charge, [{ id: 'a', lines: [] }]),
      // @ts-expect-error an input is an object
      client.enqueue(bare, [1]),
      // @ts-expect-error a schema of an input is one of an object
      task('text', { input: z.string() }),
    ])
  })

  it('an input that JSON cannot hold', () => {
    const dated = task('dated', { run: (input: { at: Date }) => input.at.getTime() })
    const mapped = task('mapped', { run: (input: { byName: Map<string, number> }) => input.byName.size })
    const big = task('big', { run: (input: { n: bigint }) => String(input.n) })
    const called = task('called', { run: (input: { done: () => void }) => input.done() })
    const parsed = task('parsed', { input: z.object({ at: z.date() }), run: () => null })
    compiled(() => [
      // @ts-expect-error Date
      client.enqueue(dated, { at: new Date() }),
      // @ts-expect-error Map
      client.enqueue(mapped, { byName: new Map<string, number>() }),
      // @ts-expect-error bigint
      client.enqueue(big, { n: 1n }),
      // @ts-expect-error function
      client.enqueue(called, { done: () => undefined }),
      // @ts-expect-error Date, by a schema
      client.enqueue(parsed, { at: new Date() }),
      // @ts-expect-error Date, in an input of any JSON
      client.enqueue(bare, { at: new Date() }),
      // @ts-expect-error undefined in an array
      client.enqueue(bare, { list: [undefined] }),
      // @ts-expect-error Date, in a part that is any JSON
      client.enqueue(loose, { any: new Date(), object: {} }),
    ])
  })

  it('a result that JSON cannot hold', () => {
    compiled(() => [
      // @ts-expect-error Date
      task('a', { run: () => ({ at: new Date() }) }),
      // @ts-expect-error Map, later
      task('a', { run: async () => new Map<string, number>() }),
      // @ts-expect-error bigint, deep inside
      task('a', { run: ({ n }: { n: number }) => ({ list: [{ n: BigInt(n) }] }) }),
      // @ts-expect-error Set, with a schema
      task('a', { input: z.object({}), run: () => new Set([1]) }),
      // @ts-expect-error function
      task('a', { run: () => ({ next: () => 1 }) }),
    ])
  })

  it('a wrong result', () => {
    compiled(() => [
      // @ts-expect-error a text is no width
      resize.handle(async () => ({ width: 'wide' })),
      // @ts-expect-error no width
      resize.handle(() => ({})),
      // @ts-expect-error nothing
      resize.handle(() => undefined),
      // @ts-expect-error a total that is a text
      charge.handle(() => ({ total: '5' })),
      // @ts-expect-error not what the output schema takes
      task('a', { input: z.object({}), output: z.object({ n: z.number() }), run: () => ({ n: 'one' }) }),
      // @ts-expect-error a handler of another input
      resize.handle(({ path }: { path: string }) => ({ width: path.length })),
    ])
  })

  it('a result that is read as something else', () => {
    compiled(async () => {
      const { width } = await (await client.enqueue(resize, { url: 'x' })).result()
      // @ts-expect-error a number
      width.toUpperCase()
    })
  })

  it('a result of a record that belongs to another task', () => {
    compiled(async () => {
      const [first] = await client.enqueueMany(resize, [{ input: { url: 'x' }, options: { key: 'k' } }])
      // @ts-expect-error it may be a conflict
      await first?.result()
      // @ts-expect-error it is one
      if (first?.outcome === 'conflict') await first.result()
    })
  })

  it('a bad duration', () => {
    compiled(() => [
      // @ts-expect-error no such unit
      client.enqueue(sendEmail, { to: 'a' }, { delay: '5x' }),
      // @ts-expect-error no unit
      client.enqueue(sendEmail, { to: 'a' }, { expiresIn: '5' }),
      // @ts-expect-error a Date is an instant
      client.enqueue(sendEmail, { to: 'a' }, { delay: new Date() }),
      // @ts-expect-error a word
      task('a', { timeout: 'soon' }),
      // @ts-expect-error no such unit
      fixed('5 weeks'),
      // @ts-expect-error no such unit
      exponential('1s', { max: '10min' }),
    ])
  })

  it('an unknown option', () => {
    compiled(() => [
      // @ts-expect-error dely
      client.enqueue(sendEmail, { to: 'a' }, { dely: '5s' }),
      // @ts-expect-error retrys
      task('a', { retrys: 5 }),
      // @ts-expect-error maximum
      exponential('1s', { maximum: '5s' }),
      // @ts-expect-error url
      createClient({ url: 'memory:' }),
      // @ts-expect-error task
      client.cancel({ task: 'a' }),
      // @ts-expect-error status
      client.list({ status: 'pending' }),
      // @ts-expect-error done
      client.list({ view: 'done' }),
    ])
  })

  it('a call of a contract that has no handler', () => {
    // @ts-expect-error nothing to prepare
    compiled(() => resize.prepare({}))
  })

  it('a change of a record', () => {
    compiled(async () => {
      const { record } = await client.enqueue(bare, {})
      // @ts-expect-error read only
      record.status = 'running'
      // @ts-expect-error read only, too
      record.kwargs['a'] = 1
    })
  })
})
