import { runInNewContext } from 'node:vm'
import { encodeJson } from '@millrace/core'
import { describe, expect, it, vi } from 'vitest'
import { refusal, thrownBy, tooLarge, unserializable } from './refusal.ts'

const BOUNDS = { parameter: 'input', maxBytes: 1_048_576, maxDepth: 100 }
const encode = (value: unknown): string => encodeJson(value, BOUNDS)

/** An array in `depth` arrays, itself counted. */
function nested(depth: number): unknown {
  let value: unknown = []
  for (let level = 1; level < depth; level++) value = [value]
  return value
}

class Money {
  readonly cents = 5
  toJSON(): number {
    throw new Error('never called')
  }
}
class Rows extends Array<number> {}
function NoParent(): void {}
NoParent.prototype = Object.create(null)

function looped(): unknown {
  const user: Record<string, unknown> = { bio: 'x'.repeat(20_000) }
  user['manager'] = { reports: [user] }
  return user
}

const withSymbolName = { [Symbol('trace')]: 1 }
const arrayWithSymbolName = Object.assign([1], { [Symbol('trace')]: 1 })
const revoked = Proxy.revocable({}, {})
revoked.revoke()

describe('a value that JSON would change or drop is refused with its path', () => {
  it.each<[what: string, value: unknown, path: string, says: RegExp]>([
    ['a bigint', { user: { born: 1n } }, 'input.user.born', /bigint .* convert it to a string or a number/],
    ['NaN', { user: { tags: ['a', 'b', 'c', Number.NaN] } }, 'input.user.tags[3]', /NaN is not a JSON number/],
    ['Infinity', [Number.POSITIVE_INFINITY], 'input[0]', /Infinity is not a JSON number/],
    ['-Infinity', { a: Number.NEGATIVE_INFINITY }, 'input.a', /-Infinity is not a JSON number/],
    ['undefined itself', undefined, 'input', /undefined cannot be stored; use null/],
    ['undefined in an array', { list: [1, undefined] }, 'input.list[1]', /undefined cannot be stored; use null/],
    // oxlint-disable-next-line no-sparse-arrays
    ['a sparse array', { list: [1, , 3] }, 'input.list', /holes/],
    // oxlint-disable-next-line unicorn/no-new-array
    ['a huge sparse array', { list: new Array(4_294_967_295) }, 'input.list', /holes/],
    ['an array with a property', { list: Object.assign([1], { extra: 1 }) }, 'input.list', /properties of its own/],
    ['a hole made up for', Object.assign([], { 1: 1, extra: 1 }), 'input[0]', /undefined cannot be stored/],
    ['an array with a symbol', { list: arrayWithSymbolName }, 'input.list', /properties of its own/],
    ['the answer of a match', { match: /b/.exec('abc') }, 'input.match', /properties of its own/],
    ['a function', { run: () => 1 }, 'input.run', /a function cannot be stored/],
    ['a class', { type: Money }, 'input.type', /a function cannot be stored/],
    ['a symbol', { kind: Symbol('kind') }, 'input.kind', /a symbol cannot be stored/],
    ['a property named by a symbol', { user: withSymbolName }, 'input.user', /named by a symbol/],
    ['a Date', { at: new Date(0) }, 'input.at', /instance of Date .* toISOString\(\)/],
    ['an invalid Date', { at: new Date(Number.NaN) }, 'input.at', /toISOString\(\)/],
    ['a Map', { m: new Map([['a', 1]]) }, 'input.m', /instance of Map .* use an object or an array/],
    ['a Set', { s: new Set([1]) }, 'input.s', /instance of Set .* use an object or an array/],
    ['a WeakMap', { w: new WeakMap() }, 'input.w', /instance of WeakMap .* plain object/],
    ['a WeakSet', { w: new WeakSet() }, 'input.w', /instance of WeakSet/],
    ['a Promise', { p: Promise.resolve(1) }, 'input.p', /instance of Promise/],
    ['a regular expression', { r: /a/ }, 'input.r', /instance of RegExp/],
    ['an Error', { e: new Error('x') }, 'input.e', /instance of Error/],
    ['a URL', { u: new URL('https://example.test') }, 'input.u', /instance of URL/],
    ['a Buffer', { b: Buffer.from('a') }, 'input.b', /instance of Buffer .* base64/],
    ['a typed array', { b: new Uint8Array(2) }, 'input.b', /instance of Uint8Array .* base64/],
    ['a DataView', { b: new DataView(new ArrayBuffer(2)) }, 'input.b', /base64/],
    ['an ArrayBuffer', { b: new ArrayBuffer(2) }, 'input.b', /base64/],
    ['a boxed number', { n: Object(5) }, 'input.n', /instance of Number/],
    ['a boxed string', { s: Object('five') }, 'input.s', /instance of String/],
    ['a boxed boolean', { b: Object(true) }, 'input.b', /instance of Boolean/],
    ['a boxed bigint', { b: Object(1n) }, 'input.b', /instance of BigInt/],
    ['a class instance', { price: new Money() }, 'input.price', /instance of Money .* plain object/],
    ['an instance of a class of arrays', { rows: Rows.of(1) }, 'input.rows', /instance of Rows/],
    ['an instance of a class without a parent', { it: Reflect.construct(NoParent, []) }, 'input.it', /this object/],
    ['an object that inherits', { o: Object.create({ hidden: 1 }) }, 'input.o', /plain object/],
    ['a Date of another realm', { at: runInNewContext('new Date(0)') }, 'input.at', /instance of Date/],
    ['a Map of another realm', { m: runInNewContext('new Map()') }, 'input.m', /instance of Map/],
    ['a class of another realm', { c: runInNewContext('new (class Far {})()') }, 'input.c', /instance of Far/],
    ['toJSON of its own', { o: { toJSON: () => 1 } }, 'input.o.toJSON', /a function cannot be stored/],
    ['an iterator', { i: [1].values() }, 'input.i', /cannot be stored/],
    ['a cycle', looped(), 'input.manager.reports[0]', /contains itself/],
    ['a name that is no identifier', { 'a b': { '': [1n] } }, 'input["a b"][""][0]', /bigint/],
    ['a revoked proxy', { p: revoked.proxy }, 'input.p', /could not be read/],
  ])('%s', (_what, value, path, says) => {
    const error = thrownBy(() => encode(value))
    expect({ code: error.code, parameter: error.parameter }).toEqual(unserializable(path))
    expect(error.message).toMatch(says)
    expect(error).toMatchObject({ retryable: false, indeterminate: false })
  })

  it('a getter that throws: the cause is kept', () => {
    const cause = new RangeError('no session')
    const value = {
      user: {
        get name(): string {
          throw cause
        },
      },
    }
    const error = thrownBy(() => encode(value))
    expect(error).toMatchObject({ code: 'not_serializable', parameter: 'input.user.name' })
    expect(error.cause).toBe(cause)
  })

  it('a proxy whose traps throw', () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys() {
          throw new TypeError('no')
        },
      },
    )
    expect(refusal(() => encode({ list: [hostile] }))).toEqual(unserializable('input.list[0]'))
  })

  it('does not show the value at fault', () => {
    expect(thrownBy(() => encode({ card: 4_111_111_111_111_111n })).message).not.toContain('4111')
  })
})

describe('a value that is too large or too deep is refused', () => {
  it('takes 100 levels and refuses 101', () => {
    expect(encode(nested(100))).toBe(`${'['.repeat(100)}${']'.repeat(100)}`)
    const error = thrownBy(() => encode(nested(101)))
    expect({ code: error.code, parameter: error.parameter }).toEqual(tooLarge('input'))
    expect(error.message).toMatch(/^input(\[0\]){100}: nested deeper than 100 levels$/)
  })

  it('refuses 100 000 levels without running out of stack', () => {
    expect(refusal(() => encode(nested(100_000)))).toEqual(tooLarge('input'))
  })

  it('tells an object that contains itself from one that is only deep', () => {
    const list: unknown[] = []
    list.push(list)
    expect(refusal(() => encode(list))).toEqual(unserializable('input[0]'))
    expect(refusal(() => encode(nested(101)))).toEqual(tooLarge('input'))
  })

  it('gives up a tree whose branches are shared before it has grown', () => {
    let tree: unknown = []
    for (let level = 1; level < 90; level++) tree = [tree, tree]
    expect(refusal(() => encode(tree))).toEqual(tooLarge('input'))
  })

  it('refuses a text of 100 MB without making its JSON', () => {
    const stringify = vi.spyOn(JSON, 'stringify')
    try {
      expect(refusal(() => encode({ text: '"'.repeat(100_000_000) }))).toEqual(tooLarge('input'))
      expect(stringify).not.toHaveBeenCalled()
    } finally {
      stringify.mockRestore()
    }
  })

  it('refuses 200 000 names where it would take them with more room', () => {
    const wide = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`name${i}`, i]))
    expect(refusal(() => encode(wide))).toEqual(tooLarge('input'))
    expect(encodeJson(wide, { ...BOUNDS, maxBytes: 10_000_000 })).toBe(JSON.stringify(wide))
  })

  it('refuses a long list of small values', () => {
    expect(refusal(() => encode(Array.from({ length: 600_000 }, () => 0)))).toEqual(tooLarge('input'))
  })

  it.each([
    ['ASCII', 'a', 1],
    ['two bytes', 'é', 2],
    ['three bytes', '€', 3],
    ['four bytes', '😀', 4],
    ['an escape', '\n', 2],
    ['a lone surrogate, escaped', '\ud800', 6],
  ])('counts bytes, not characters: %s', (_what, character, bytes) => {
    const bounds = { parameter: 'result', maxBytes: 10 * bytes + 2, maxDepth: 1 }
    expect(encodeJson(character.repeat(10), bounds)).toBe(JSON.stringify(character.repeat(10)))
    expect(refusal(() => encodeJson(`${character.repeat(10)}a`, bounds))).toEqual(tooLarge('result'))
  })

  it('names the limit', () => {
    expect(thrownBy(() => encode('x'.repeat(1_048_576))).message).toBe('input is larger than 1048576 bytes of JSON')
  })
})
