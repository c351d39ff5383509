import assert from 'node:assert/strict'
import { encodeResult, utf8Length, type TaskRecord } from '@millrace/core'
import { present, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const PROTO: object = JSON.parse('{"__proto__":{"x":1},"constructor":2}')

/** What JSON can say and stores tend to bend. */
const VALUES: readonly (readonly [name: string, value: unknown])[] = [
  ['null', null],
  ['an empty text', ''],
  ['false and 0', [false, 0]],
  ['an empty array', []],
  ['an empty object', {}],
  ['nested empties', { a: [], b: {}, c: [[], {}, [{}], [[]]], d: { e: {} }, f: null }],
  ['2^53 and beyond', [2 ** 53, 2 ** 53 + 2, -(2 ** 53), Number.MAX_SAFE_INTEGER]],
  ['the largest and the smallest numbers', [1e308, Number.MAX_VALUE, 5e-324, -1e-300, 1e21, 0.1]],
  ['texts that look like numbers, dates and words', ['1', '1e3', 'true', 'null', '[]', '2026-01-01T00:00:00Z', 'NaN']],
  ['emoji and combining letters', ['🙂👩‍👩‍👧', '\u00e9', 'e\u0301', '日本語', 'ﷺ']],
  ['NUL and control characters', ['a\u0000b', '\u0000', '\u0001\u001f\u007f', '\r\n*3\r\n$3']],
  ['line separators', '\u2028\u2029'],
  ['lone surrogates', ['\ud800', '\udfff', 'a\udc00b', { '\ud83d': 1 }]],
  ['an own property named __proto__', PROTO],
  ['names of every kind', { '': 1, ' ': 2, 'a.b': 3, '0': 4, é: 5, '\u0000': 6, length: 7, toJSON: 8 }],
  ['quotes and backslashes', ['"', '\\', '\\u0000', '</script>', '${x}', "'"]],
  [
    'what patterns and replacements give a meaning',
    ['%', '%%', '%1', '100 %', '%w+', '$&', '$1', '^.-$', '(.*)', '[^a]'],
  ],
  ['one object twice', ((one) => [one, one])({ a: 1 })],
  ['deep nesting', JSON.parse(`${'['.repeat(90)}1${']'.repeat(90)}`)],
]

type Place = (bench: Bench, value: unknown) => Promise<unknown>

async function running(bench: Bench): Promise<TaskRecord> {
  return await bench.make('running')
}

const PLACES: readonly (readonly [name: string, through: Place])[] = [
  ['arguments', async (bench, value) => (await bench.get((await bench.enqueue({ args: [value] })).id)).args[0]],
  [
    'named arguments',
    async (bench, value) => (await bench.get((await bench.enqueue({ kwargs: { value } })).id)).kwargs['value'],
  ],
  [
    'metadata',
    async (bench, value) => (await bench.get((await bench.enqueue({ metadata: { value } })).id)).metadata['value'],
  ],
  [
    'the result',
    async (bench, value) => {
      const { id, attempt } = await running(bench)
      await bench.settle(bench.complete(id, attempt, value))
      return (await bench.get(id)).result
    },
  ],
  [
    'progress',
    async (bench, value) => {
      const { id, attempt } = await running(bench)
      const progress = encodeResult(value, bench.backend.capabilities.limits)
      await bench.turn({ touches: [{ id, attempt, progress }] })
      return (await bench.get(id)).progress
    },
  ],
]

const trips: readonly Case[] = VALUES.flatMap(([what, value]) => ({
  name: `D38: ${what}: the same out as in, as arguments, metadata, result and progress`,
  run: async (bench: Bench) => {
    const expected: unknown = JSON.parse(JSON.stringify(value))
    for (const [place, through] of PLACES) {
      assert.deepEqual(await through(bench, value), expected, place)
    }
  },
}))

type Act = (bench: Bench, record: TaskRecord) => Promise<unknown>

const PATHS: readonly (readonly [name: string, act: Act])[] = [
  ['a retry', (bench, { id, attempt }) => bench.settle(bench.fail(id, attempt, 0))],
  ['a release', (bench, { id, attempt }) => bench.settle(bench.release(id, attempt))],
  ['a snooze', (bench, { id, attempt }) => bench.settle(bench.snooze(id, attempt, 0))],
  ['a heartbeat', (bench, { id, attempt }) => bench.turn({ touches: [{ id, attempt }] })],
  ['an assignment', (bench, { id }) => bench.backend.assign([{ id, attempt: 'any', executionRef: 'jobs/1' }])],
  ['a cancellation', (bench, { id }) => bench.backend.cancel({ ids: [id], includeRunning: true })],
  [
    'a recovery',
    async (bench) => {
      bench.clock.advance(60_000)
      await bench.backend.sweep({ what: 'stale', staleAfterMs: 1_000 })
    },
  ],
  [
    'completion and replay',
    async (bench, { id, attempt }) => {
      await bench.settle(bench.complete(id, attempt, {}))
      await bench.replay(id, attempt)
    },
  ],
]

const paths: readonly Case[] = PATHS.map(([name, act]) => ({
  name: `D38: what was enqueued comes through ${name} unchanged`,
  run: async (bench) => {
    const body = {
      args: VALUES.map(([, value]) => value),
      kwargs: { empty: [], none: {} },
      metadata: { PROTO, a: [[]] },
    }
    const { id } = await bench.enqueue({ ...body, maxRetries: 1, priority: -5, executionProfile: 'p' })
    await act(bench, await bench.claimOne(id))
    const { args, kwargs, metadata, priority, executionProfile } = await bench.get(id)
    assert.deepEqual({ args, kwargs, metadata }, JSON.parse(JSON.stringify(body)))
    assert.deepEqual([priority, executionProfile], [-5, 'p'])
  },
}))

const REFUSED: readonly (readonly [name: string, value: unknown])[] = [
  ['bytes', new Uint8Array([0])],
  ['a Set', new Set([1])],
  ['a Map', new Map([[1, 2]])],
  ['a Date', new Date(0)],
  ['a bigint', 1n],
  ['NaN', Number.NaN],
  ['Infinity', -Infinity],
  ['a function', () => 1],
  ['undefined in an array', [undefined]],
  ['a sparse array', Object.assign([], { length: 2 })],
]

const refused: readonly Case[] = REFUSED.map(([what, value]) => ({
  name: `D38: ${what} is refused with its path, not silently turned into something else`,
  run: async (bench) => {
    const error = await bench.expectError('not_serializable', async () => await bench.offer({ args: [{ a: value }] }))
    assert.match(present(error.parameter), /^options\.args\[0\]\.a/)
    assert.deepEqual(await bench.listAll('pending'), [])
  },
}))

export const values: Group = {
  name: 'values',
  cases: [
    ...trips,
    ...paths,
    ...refused,
    {
      name: 'D38: no property of a stored value reaches the prototype of others',
      run: async (bench) => {
        const { id } = await bench.enqueue({ kwargs: PROTO, metadata: PROTO })
        const { kwargs, metadata } = await bench.get(id)
        assert.ok(Object.hasOwn(kwargs, '__proto__') && Object.hasOwn(metadata, '__proto__'))
        assert.equal(Reflect.get({}, 'x'), undefined)
      },
    },
    {
      name: 'a record without arguments has an empty array and empty objects',
      run: async (bench) => {
        const { args, kwargs, metadata, result, error, progress } = await bench.get((await bench.enqueue()).id)
        assert.deepEqual([args, kwargs, metadata], [[], {}, {}])
        assert.deepEqual([result, error, progress], [null, null, null])
      },
    },
    {
      name: 'a handler that returns nothing stores null',
      run: async (bench) => {
        const { id, attempt } = await running(bench)
        await bench.settle(bench.complete(id, attempt))
        assert.equal((await bench.get(id)).result, null)
      },
    },
    ...[
      ['an error', new Error('disk full', { cause: new TypeError('deeper') })],
      ['D39: an error with an empty message', new Error('')],
      ['an error with a code', Object.assign(new RangeError('née 🙂 \u0000'), { code: 'E_FULL' })],
      ['a thrown text', 'just text'],
      ['a thrown nothing', undefined],
      ['a lone surrogate', new Error('\ud800')],
    ].map(([what, thrown]) => ({
      name: `${String(what)} is stored as it was told`,
      run: async (bench: Bench) => {
        const { id, attempt } = await running(bench)
        const settlement = bench.fail(id, attempt, null, thrown)
        assert.ok(settlement.outcome === 'fail')
        await bench.settle(settlement)
        assert.deepEqual((await bench.get(id)).error, JSON.parse(settlement.error))
      },
    })),
    {
      name: 'an error of a megabyte is cut to the limit and stored',
      run: async (bench) => {
        const { id, attempt } = await running(bench)
        await bench.settle(bench.fail(id, attempt, null, new Error('🙂'.repeat(300_000))))
        const { error } = await bench.get(id)
        assert.ok(utf8Length(JSON.stringify(error)) <= bench.backend.capabilities.limits.errorBytes)
        assert.match(present(error).message, /^(🙂){100}/u)
      },
    },
    {
      name: 'progress is replaced by later progress, kept by a heartbeat without, and gone with the next attempt',
      run: async (bench) => {
        const { id, attempt } = await running(bench)
        for (const progress of ['1', '{"done":[]}']) await bench.turn({ touches: [{ id, attempt, progress }] })
        await bench.turn({ touches: [{ id, attempt }] })
        assert.deepEqual((await bench.get(id)).progress, { done: [] })
        await bench.settle(bench.release(id, attempt))
        assert.equal((await bench.claimOne(id)).progress, null)
      },
    },
    ...[1, 2, 4].map((bytes) => ({
      name: `a payload of exactly the limit is stored, one byte more is too large (${bytes}-byte letters)`,
      run: async (bench: Bench) => {
        const { payloadBytes } = bench.backend.capabilities.limits
        const room = payloadBytes - '{"args":[""]}'.length
        const letters = ['x', 'é', '', '🙂'][bytes - 1]?.repeat(Math.floor(room / bytes)) ?? ''
        const text = letters + 'x'.repeat(room % bytes)
        const { id } = await bench.enqueue({ args: [text] })
        assert.ok((await bench.get(id)).args[0] === text)
        await bench.expectError('too_large', async () => await bench.offer({ args: [`${text}x`] }))
        const body = JSON.stringify({ args: [`${text}x`] })
        const request = { ...bench.request(), body }
        await bench.expectError('too_large', () => bench.backend.enqueue([request]), 'requests[0].body')
        assert.equal((await bench.listAll('pending')).length, 1)
      },
    })),
    {
      name: 'a result of exactly the limit is stored, one byte more is too large and ends nothing',
      run: async (bench) => {
        const { id, attempt } = await running(bench)
        const text = 'x'.repeat(bench.backend.capabilities.limits.resultBytes - 2)
        const larger = { outcome: 'complete', id, attempt, result: JSON.stringify(`${text}x`) } as const
        await bench.expectError('too_large', () => bench.settle(larger), 'turn.settlements[0].result')
        assert.equal((await bench.get(id)).status, 'running')
        await bench.settle(bench.complete(id, attempt, text))
        assert.ok((await bench.get(id)).result === text)
      },
    },
    {
      name: 'a record is a copy: what its reader does to it is not stored',
      run: async (bench) => {
        const { id } = await bench.enqueue({ kwargs: { list: [1] } })
        const record = await bench.claimOne(id)
        Reflect.set(record, 'attempt', 99)
        Reflect.set(record.kwargs, 'list', 'changed')
        const again = await bench.get(id)
        assert.deepEqual([again.attempt, again.kwargs], [1, { list: [1] }])
      },
    },
  ],
}
