import assert from 'node:assert/strict'
import type { Backend, Controls, ErrorCode } from '@millrace/core'
import type { Bench } from '../bench.ts'
import type { Case } from '../harness.ts'

/** A method of a backend, or of a named part of it. */
export type Method = Exclude<keyof Backend, 'controls'> | `controls.${keyof Controls}`

/** Wrong arguments of one method that must all be refused alike: by code and parameter, at once, and without any effect. */
export interface Refusal {
  readonly method: Method
  /** Named by the error. */
  readonly parameter: string
  readonly code?: ErrorCode
  /** What the error's message says besides. */
  readonly message?: RegExp
  /** Lists of arguments. `id` is that of a running record of attempt 1. */
  readonly calls: (bench: Bench, id: string) => readonly (readonly unknown[])[]
}

/** One case per method, parameter and code, however many tables name it. */
export function refusalCases(refusals: readonly Refusal[]): readonly Case[] {
  const alike = Map.groupBy(refusals, nameOf)
  return [...alike].map(([name, same]) => ({
    name,
    run: async (bench) => {
      for (const refusal of same) await refuse(bench, refusal)
    },
  }))
}

function nameOf({ method, parameter, code = 'invalid_argument' }: Refusal): string {
  return `${method} refuses a wrong ${parameter}${code === 'invalid_argument' ? '' : ` as ${code}`}, and changes nothing`
}

async function refuse(
  bench: Bench,
  { method, parameter, code = 'invalid_argument', message, calls }: Refusal,
): Promise<void> {
  const pending = await bench.enqueue({ key: 'k' })
  const { id } = await bench.make('running')
  const before = await state(bench, [pending.id, id])
  for (const args of calls(bench, id)) {
    const error = await bench.expectError(code, () => invoke(bench.backend, method, args), parameter)
    assert.deepEqual([error.retryable, error.indeterminate], [false, false])
    if (message !== undefined) assert.match(error.message, message)
    assert.ok(error.message.length < 2_000, 'the message repeats the argument')
  }
  assert.deepEqual(await state(bench, [pending.id, id]), before)
}

/** Calls what the types would not let through. Anything but a promise, a thrown error too, fails the case. */
function invoke(backend: Backend, method: Method, args: readonly unknown[]): Promise<unknown> {
  const [name = '', part] = method.split('.').toReversed()
  const owner: object = part === undefined ? backend : backend.controls
  const target: unknown = Reflect.get(owner, name)
  assert.ok(typeof target === 'function')
  const answer: unknown = Reflect.apply(target, owner, args)
  assert.ok(answer instanceof Promise, `${method} must answer with a promise`)
  return answer
}

async function state({ second }: Bench, ids: readonly string[]): Promise<unknown> {
  return [await second.statistics(), await second.get(ids), await second.list({ view: 'pending' })]
}

const HOSTILE = {
  toString: (): string => {
    throw new Error('toString was called')
  },
}

/** No name of a queue, task, worker or lease. */
// prettier-ignore
export const NO_NAMES: readonly unknown[] = [
  '', ' ', ' a', 'a ', 'a'.repeat(201), 'a\u0000b', 'a\r\n*3', 'é', '{x}', '}{', '*', '?', '[a]', '__proto__', '.a',
  null, 5, true, {}, ['a'], Symbol('a'), 10n, () => 'a', HOSTILE,
]

// prettier-ignore
export const NO_IDS: readonly unknown[] = [
  '', 'x', '*', '../../etc/passwd', '0'.repeat(1_000_000), '018F0000-0000-7000-8000-00000000000A',
  '018f0000-0000-4000-8000-000000000000', '018f0000-0000-7000-8000-000000000000 ', '018f00000000700080000000000000a0',
  null, 5, {}, ['018f0000-0000-7000-8000-000000000000'], Symbol('a'), HOSTILE,
]

/** No whole number from `min` to `max`. */
export function noIntegers(min: number, max: number): readonly unknown[] {
  return [min - 1, max + 1, min + 0.5, Number.NaN, Infinity, -Infinity, `${min}`, null, {}, [min], 1n, true]
}
