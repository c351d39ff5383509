import type { KeyHold, KeyScope } from '@millrace/core'

/*
 * Scope and hold of a key as letters, for the life of the stored data. `lua/lib/reserve.lua` reads the same.
 */

/** With which a record's key begins. */
const KEY_CODES: Readonly<Record<KeyScope, Readonly<Record<KeyHold, string>>>> = {
  task: { active: 't', untilStart: 'u', window: 'w', forever: 'f' },
  namespace: { active: 'n', untilStart: 'U', window: 'W', forever: 'F' },
}

/** As a request and a field of `keys` say it. */
const HOLD_CODES: Readonly<Record<KeyHold, string>> = { active: 'a', untilStart: 'u', window: 'w', forever: 'f' }

export interface KeyKind {
  readonly keyScope: KeyScope
  readonly keyHold: KeyHold
}

const KINDS: ReadonlyMap<string, KeyKind> = new Map(
  (['task', 'namespace'] as const).flatMap((keyScope) =>
    (['active', 'untilStart', 'window', 'forever'] as const).map((keyHold) => [
      KEY_CODES[keyScope][keyHold],
      { keyScope, keyHold },
    ]),
  ),
)

export function keyCode({ keyScope, keyHold }: KeyKind): string {
  return KEY_CODES[keyScope][keyHold]
}

export function holdCode(hold: KeyHold): string {
  return HOLD_CODES[hold]
}

/** Of any other letter as of `n`, as scripts have it. */
export function kindOf(code: string): KeyKind {
  return KINDS.get(code) ?? { keyScope: 'namespace', keyHold: 'active' }
}

/** The stored id in a field of `keys`: it ends the field, or a tab follows. */
export function idInField(field: string): string {
  const end = field.indexOf('\t')
  return end < 0 ? field : field.slice(0, end)
}
