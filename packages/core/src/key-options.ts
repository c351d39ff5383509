import { checkDuration, checkOneOf, checkOptions } from './check.ts'
import type { Duration } from './duration.ts'
import { invalidArgument } from './errors.ts'
import { keyOfInput } from './input-key.ts'
import { ON_CONFLICT, type OnConflict } from './on-conflict.ts'
import type { Limits } from './limits.ts'
import { KEY_SCOPES, type KeyHold, type KeyScope } from './record.ts'

/** What a key is made of: `task`, one key for all records of a task; `input`, one for each input (with its positional arguments). */
export type KeyBy = 'task' | 'input'

const KEY_BY: readonly KeyBy[] = ['task', 'input']

/** For how long a record keeps others off its key. */
export type KeyHoldOption = Exclude<KeyHold, 'window'> | { readonly window: Duration }

/** How records with keys get along; what an enqueue leaves out comes from its task. */
export interface KeyOptions {
  /** Make the key of the task's name or of the input: as text of its own, `key` says it. */
  readonly keyBy?: KeyBy
  /** `task` (default): another task's equal key is another key. `namespace`: one key for all tasks. */
  readonly keyScope?: KeyScope
  /**
   * `active` (default): until the record is finished. `untilStart`: until it is started for the first time. `{ window: '10m' }`: for this long
   * from its enqueue, whatever becomes of it. `forever`: until `client.resetKey()`.
   */
  readonly keyHold?: KeyHoldOption
  /**
   * When the key is taken: `keep` the record that has it (default); `replace` it if it still waits, and be due when it would have been; or
   * `extend`: the same, but the delay, or the window, begins anew.
   */
  readonly onConflict?: OnConflict
}

/** The same, complete. */
export interface KeyDefaults {
  readonly keyBy: KeyBy | null
  readonly keyScope: KeyScope
  readonly keyHold: KeyHold
  readonly keyWindowMs: number | null
  readonly onConflict: OnConflict
}

/** A task's own. @throws QueueError `invalid_argument` */
export function keyDefaults({ keyBy, keyScope, keyHold = 'active', onConflict }: KeyOptions): KeyDefaults {
  return {
    keyBy: keyBy === undefined ? null : checkOneOf('options.keyBy', keyBy, KEY_BY),
    keyScope: checkOneOf('options.keyScope', keyScope ?? 'task', KEY_SCOPES),
    ...holdOf(keyHold),
    onConflict: checkOneOf('options.onConflict', onConflict ?? 'keep', ON_CONFLICT),
  }
}

interface Keyed {
  readonly key: string | null
  readonly keyScope?: KeyScope
  readonly keyHold?: KeyHold
  readonly keyWindowMs?: number | null
  readonly onConflict: OnConflict
}

interface Subject {
  readonly name: string
  readonly options: KeyDefaults
  readonly input: object
  readonly args: readonly unknown[] | undefined
  readonly limits: Limits
}

/** The key of one record, and how it is held: what the enqueue says, else its task. @throws QueueError `invalid_argument` */
export function keyFields(options: KeyOptions & { readonly key?: string }, subject: Subject): Keyed {
  const { options: defaults } = subject
  const key = keyText(options, subject)
  const onConflict = options.onConflict ?? defaults.onConflict
  const { keyScope = defaults.keyScope, keyHold } = options
  const hold = keyHold === undefined ? defaults : holdOf(keyHold)
  if (key !== null) return { key, keyScope, keyHold: hold.keyHold, keyWindowMs: hold.keyWindowMs, onConflict }
  for (const name of ['keyScope', 'keyHold'] as const)
    if (options[name] !== undefined) throw invalidArgument(`options.${name}`, 'needs a key')
  return { key, onConflict }
}

function keyText(
  options: KeyOptions & { readonly key?: string },
  { name, options: defaults, input, args, limits }: Subject,
): string | null {
  const { key, keyBy = defaults.keyBy } = options
  if (key !== undefined && options.keyBy !== undefined)
    throw invalidArgument('options.keyBy', 'cannot be combined with key')
  if (key !== undefined || keyBy === null) return key ?? null
  if (checkOneOf('options.keyBy', keyBy, KEY_BY) === 'task') return name
  return keyOfInput(input, args === undefined ? {} : { args }, limits)
}

function holdOf(hold: KeyHoldOption): Pick<KeyDefaults, 'keyHold' | 'keyWindowMs'> {
  const named = HOLDS.find((one) => one === hold)
  if (named !== undefined) return { keyHold: named, keyWindowMs: null }
  if (typeof hold !== 'object')
    throw invalidArgument('options.keyHold', `must be ${HOLDS.join(', ')}, or for a window { window: '10m' }`)
  checkOptions('options.keyHold', hold, ['window'])
  return { keyHold: 'window', keyWindowMs: checkDuration('options.keyHold.window', hold.window, 1) }
}

/** Those that need no further word. */
const HOLDS = ['active', 'untilStart', 'forever'] as const
