import type { Json } from '@millrace/core'

/** Any part of a value: what is left out may be anything. Arrays are compared item by item. */
export type Partly<T> = [Json] extends [T]
  ? unknown
  : T extends readonly unknown[]
    ? { readonly [I in keyof T]: Partly<T[I]> }
    : T extends object
      ? { readonly [K in keyof T]?: Partly<T[K]> }
      : T

/** Where a value is not as it was expected. */
export interface Difference {
  /** `input.user.name` */
  readonly path: string
  readonly found: unknown
  readonly wanted: unknown
}

/** Compares a value with a part of one. A matcher of Vitest, Jest or Bun (`expect.any(String)`) decides by itself. */
export function differences(path: string, found: unknown, wanted: unknown): readonly Difference[] {
  const matches = matcherOf(wanted)
  if (matches !== null) return matches(found) ? [] : [{ path, found, wanted }]
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return [{ path, found, wanted }]
    return wanted.flatMap((item: unknown, i) => differences(`${path}[${i}]`, found[i], item))
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return [{ path, found, wanted }]
    return Object.entries(wanted).flatMap(([name, value]) =>
      differences(`${path}.${name}`, Object.hasOwn(found, name) ? Reflect.get(found, name) : undefined, value),
    )
  }
  return Object.is(found, wanted) ? [] : [{ path, found, wanted }]
}

/** null for what is none. */
export function matcherOf(wanted: unknown): ((found: unknown) => boolean) | null {
  if (typeof wanted !== 'object' || wanted === null || !('asymmetricMatch' in wanted)) return null
  const { asymmetricMatch } = wanted
  return typeof asymmetricMatch === 'function'
    ? (found) => Boolean(Reflect.apply(asymmetricMatch, wanted, [found]))
    : null
}
