import type { SharedKey } from './keys.ts'

/** A script as the generator emits it from its `.lua` file. */
export interface Script {
  readonly name: string
  /** Of the source, in hexadecimal. */
  readonly sha1: string
  readonly source: string
  readonly keys: readonly SharedKey[]
  /** Whether the keys of lines follow. */
  readonly lines: boolean
  readonly args: readonly string[]
}

/** One call of a script: its arguments by name, the lines whose keys it gets, and its list of items. */
export interface ScriptCall<S extends Script> {
  readonly args: Readonly<Record<S['args'][number], string | number>>
  readonly lines?: readonly string[]
  readonly items?: readonly (string | number)[]
}
