import type { StandardSchemaV1 } from '@standard-schema/spec'
import { DEFAULT_RETRY_POLICY, fixed, task, type TaskContext } from '@millrace/core'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { sampleRecord } from './sample-record.ts'
import { invalid, refusal, rejection, thrownBy } from './refusal.ts'

const declare = (...parameters: readonly unknown[]): unknown => Reflect.apply(task, null, parameters)
const record = sampleRecord()
const context: TaskContext = {
  id: record.id,
  taskName: record.taskName,
  attempt: 1,
  signal: new AbortController().signal,
  progress: () => undefined,
  log: () => undefined,
  record,
}

/** A schema that answers with a promise, as one that asks a database would. */
function asynchronous<T extends object>(check: (value: unknown) => StandardSchemaV1.Result<T>): StandardSchemaV1<T> {
  return { '~standard': { version: 1, vendor: 'test', validate: (value) => Promise.resolve(check(value)) } }
}
const refusing = asynchronous<{ id: string }>(() => ({ issues: [{ message: 'no such user', path: ['id'] }] }))
const accepting = asynchronous(() => ({ value: { id: 'parsed' } }))

describe('a task is declared', () => {
  it('with defaults', () => {
    const { name, options } = task('email.send')
    expect(name).toBe('email.send')
    expect(options).toEqual({
      queue: 'default',
      priority: 0,
      retries: 0,
      backoff: DEFAULT_RETRY_POLICY,
      timeoutMs: null,
      maxRecoveries: 3,
      requeueOnStale: true,
      executionBackend: 'local',
      executionProfile: null,
      keyBy: null,
      keyScope: 'task',
      keyHold: 'active',
      keyWindowMs: null,
      onConflict: 'keep',
    })
  })

  it('with options of its own', () => {
    const backoff = fixed('1s')
    const { options } = task('a', {
      queue: 'mail',
      priority: -5,
      retries: 3,
      backoff,
      timeout: '30s',
      maxRecoveries: 0,
      requeueOnStale: false,
      executionBackend: 'gpu',
      executionProfile: 'large',
      keyBy: 'input',
      keyScope: 'namespace',
      keyHold: { window: '10m' },
      onConflict: 'extend',
    })
    expect(options).toEqual({
      queue: 'mail',
      priority: -5,
      retries: 3,
      backoff,
      timeoutMs: 30_000,
      maxRecoveries: 0,
      requeueOnStale: false,
      executionBackend: 'gpu',
      executionProfile: 'large',
      keyBy: 'input',
      keyScope: 'namespace',
      keyHold: 'window',
      keyWindowMs: 600_000,
      onConflict: 'extend',
    })
  })

  it.each<[what: string, parameters: readonly unknown[], parameter: string]>([
    ['no name', [], 'name'],
    ['an empty name', [''], 'name'],
    ['a bad name', ['send email'], 'name'],
    ['a handler in place of options', ['a', () => 1], 'options'],
    ['null for options', ['a', null], 'options'],
    ...[
      'queue',
      'priority',
      'retries',
      'backoff',
      'timeout',
      'maxRecoveries',
      'requeueOnStale',
      'executionBackend',
      'executionProfile',
    ].map((name): [string, readonly unknown[], string] => [
      `null for ${name}`,
      ['a', { [name]: null }],
      `options.${name}`,
    ]),
    ['an unknown option', ['a', { handler: () => 1 }], 'options.handler'],
    ['a bad queue', ['a', { queue: '*' }], 'options.queue'],
    ['a bad priority', ['a', { priority: '5' }], 'options.priority'],
    ['a large priority', ['a', { priority: 4_097 }], 'options.priority'],
    ['negative retries', ['a', { retries: -1 }], 'options.retries'],
    ['a backoff that is a duration', ['a', { backoff: '5s' }], 'options.backoff'],
    ['a bad timeout', ['a', { timeout: 'soon' }], 'options.timeout'],
    ['no time at all', ['a', { timeout: 0 }], 'options.timeout'],
    ['bad recoveries', ['a', { maxRecoveries: 0.5 }], 'options.maxRecoveries'],
    ['a bad requeueOnStale', ['a', { requeueOnStale: 'false' }], 'options.requeueOnStale'],
    ['a bad execution backend', ['a', { executionBackend: '' }], 'options.executionBackend'],
    ['a bad execution profile', ['a', { executionProfile: '' }], 'options.executionProfile'],
    ['an input that is no schema', ['a', { input: { to: 'text' } }], 'options.input'],
    ['an input that is null', ['a', { input: null }], 'options.input'],
    ['an output that is no schema', ['a', { output: String }], 'options.output'],
    ['a handler that is no function', ['a', { run: 'run' }], 'options.run'],
  ])('but not with %s', (_what, parameters, parameter) => {
    expect(refusal(() => declare(...parameters))).toEqual(invalid(parameter))
  })

  it('and says what was meant', () => {
    expect(thrownBy(() => declare('a', { retrys: 5 })).message).toBe(
      'options.retrys is not known; did you mean retries?',
    )
  })
})

describe('an input is checked before it is stored', () => {
  const sendEmail = task('email.send', {
    input: z.object({ to: z.email(), tags: z.array(z.object({ name: z.string() })).default([]) }),
    run: ({ to, tags }) => ({ to, tags: tags.length }),
  })

  it('by its schema', () => {
    expect(sendEmail.checkInput({ to: 'a@example.test' })).toBeUndefined()
    expect(refusal(() => sendEmail.checkInput({ to: 'nobody' }))).toEqual(invalid('input.to'))
    expect(refusal(() => sendEmail.checkInput(undefined))).toEqual(invalid('input'))
  })

  it('and the offender is named with its path, the others after it', () => {
    const error = thrownBy(() => sendEmail.checkInput({ to: 'nobody', tags: [{ name: 'a' }, { name: 5 }] }))
    expect(error.parameter).toBe('input.to')
    expect(error.message).toMatch(/^input\.to was refused by the schema: .+; input\.tags\[1\]\.name: .+/)
  })

  it('by a schema that takes its time', async () => {
    const find = task('find', { input: refusing })
    const checked = find.checkInput({ id: 'a' })
    expect(checked).toBeInstanceOf(Promise)
    expect(await rejection(async () => checked)).toEqual(invalid('input.id'))
    await expect(task('find', { input: accepting }).checkInput({ id: 'a' })).resolves.toBeUndefined()
  })

  it('not at all without a schema', () => {
    expect(task('a').checkInput({ anything: [1] })).toBeUndefined()
  })

  it.each<[what: string, issues: readonly StandardSchemaV1.Issue[], parameter: string, message: RegExp]>([
    ['no path', [{ message: 'bad' }], 'input', /^input was refused by the schema: bad$/],
    ['no issue', [], 'input', /no reason given/],
    ['steps as objects', [{ message: 'bad', path: [{ key: 'a' }, { key: 0 }] }], 'input.a[0]', /bad/],
    ['a name that is no identifier', [{ message: 'bad', path: ['a b', '0'] }], 'input["a b"]["0"]', /bad/],
    ['a symbol', [{ message: 'bad', path: [Symbol('s')] }], 'input["Symbol(s)"]', /bad/],
  ])('a schema may answer with %s', (_what, issues, parameter, message) => {
    const schema: StandardSchemaV1<object> = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) },
    }
    const error = thrownBy(() => task('a', { input: schema }).checkInput({}))
    expect({ code: error.code, parameter: error.parameter }).toEqual(invalid(parameter))
    expect(error.message).toMatch(message)
  })
})

describe('a handler runs', () => {
  it('with the input as its schema parsed it, and its context', async () => {
    const run = vi.fn<(input: { at: Date }, given: TaskContext) => string>(({ at }) => at.toISOString())
    const remind = task('remind', { input: z.object({ at: z.string().transform((text) => new Date(text)) }), run })
    const call = await remind.prepare({ at: '2026-01-01T00:00:00.000Z' })
    expect(run).not.toHaveBeenCalled()
    expect(await call(context)).toBe('2026-01-01T00:00:00.000Z')
    expect(run.mock.calls).toEqual([[{ at: new Date('2026-01-01') }, context]])
  })

  it('with the stored input where there is no schema', async () => {
    const kwargs = { n: 1 }
    const run = vi.fn<(input: { n: number }) => Promise<number>>(async ({ n }) => n + 1)
    const call = await task('add', { run }).prepare(kwargs)
    expect(await call(context)).toBe(2)
    expect(run.mock.calls[0]?.[0]).toBe(kwargs)
  })

  it('with what a schema made of it that takes its time', async () => {
    const call = await task('find', { input: accepting, run: ({ id }) => id }).prepare({ id: 'stored' })
    expect(await call(context)).toBe('parsed')
  })

  it('never with a stored input that the schema refuses', async () => {
    const run = vi.fn<() => null>(() => null)
    const add = task('add', { input: z.object({ n: z.number() }), run })
    expect(refusal(() => add.prepare({ n: 'one' }))).toEqual(invalid('input.n'))
    const find = task('find', { input: refusing, run })
    expect(await rejection(async () => await find.prepare({ id: 'a' }))).toEqual(invalid('input.id'))
    expect(run).not.toHaveBeenCalled()
  })

  it('and what it throws comes out as it is, also at once', async () => {
    const problem = new Error('out of paper')
    const failing = task('print', {
      run: (): null => {
        throw problem
      },
    })
    const call = await failing.prepare({})
    expect(() => call(context)).toThrow(problem)
    const later = task('print', { run: (): Promise<null> => Promise.reject(problem) })
    await expect((await later.prepare({}))(context)).rejects.toBe(problem)
  })

  it('and what it returns is checked by the output schema, but stored as it is', async () => {
    const output = z.object({ width: z.number().transform(String) })
    const resize = task('resize', { input: z.object({}), output, run: () => ({ width: 5 }) })
    const call = await resize.prepare({})
    expect(await call(context)).toEqual({ width: 5 })
    expect(await resize.readOutput({ width: 5 })).toEqual({ width: '5' })
    expect(refusal(() => resize.readOutput({ width: 'wide' }))).toEqual(invalid('result.width'))
  })

  it('and an output that its schema refuses is refused', async () => {
    const contract = task('resize', { input: z.object({}), output: z.object({ width: z.number() }) })
    const resize = contract.handle(() => ({ width: 'wide' }) as never)
    const call = await resize.prepare({})
    expect(await rejection(async () => await call(context))).toEqual(invalid('result.width'))
  })
})

describe('a contract', () => {
  it('stays as it is when it is given a handler', async () => {
    const contract = task<{ n: number }, number>('double', { queue: 'math' })
    const before = { ...contract }
    const one = contract.handle(({ n }) => n * 2)
    const other = contract.handle(({ n }) => n + n)
    expect(contract).toEqual(before)
    expect('prepare' in contract).toBe(false)
    expect(one).not.toBe(other)
    for (const handled of [one, other]) {
      expect(handled).toMatchObject({ name: 'double', options: contract.options })
      expect('handle' in handled).toBe(false)
      expect(await (await handled.prepare({ n: 4 }))(context)).toBe(8)
    }
  })

  it('takes nothing but a function for a handler', () => {
    const { handle } = task('a')
    expect(refusal(() => Reflect.apply(handle, null, ['run']))).toEqual(invalid('run'))
    expect(refusal(() => Reflect.apply(handle, null, []))).toEqual(invalid('run'))
  })

  it('reads a stored result as it is, without an output schema', () => {
    expect(task('a').readOutput({ any: [1] })).toEqual({ any: [1] })
  })
})
