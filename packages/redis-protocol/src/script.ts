import type { LineKey, SharedKey } from './keys.ts'

/** A script as the generator emits it from its `.lua` file. */
export interface Script {
  readonly name: string
  /** Of the source, in hexadecimal. */
  readonly sha1: string
  readonly source: string
  readonly keys: readonly SharedKey[]
  /** Whether all keys of any number of lines follow. */
  readonly lines: boolean
  /** The keys of one line that follow; empty: it is not about one line. */
  readonly line: readonly LineKey[]
  readonly args: readonly string[]
}

/** One call of a script: its arguments by name, the lines whose keys it gets (of one that is about one line: that one), and its list of items. */
export interface ScriptCall<S extends Script> {
  readonly args: Readonly<Record<S['args'][number], string | number>>
  readonly lines?: readonly string[]
  readonly items?: readonly (string | number)[]
}
