import { isObject } from './body.ts'
import { checkArray, checkObject, checkOptions } from './check.ts'
import { invalidArgument } from './errors.ts'
import { encodeJson, type Json } from './json.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { sha256 } from './sha256.ts'

export interface InputKeyOptions<Input> {
  /** Of the input only these properties; by default all. One that is missing counts as missing. */
  readonly only?: readonly (keyof Input & string)[]
  /** Positional arguments, if the record has some. */
  readonly args?: readonly unknown[]
}

/**
 * A uniqueness key made of what a record is about: equal for inputs that are equal as JSON, in whatever order their properties stand.
 * It is `input:` and the SHA-256, in hexadecimal, of their canonical JSON text (properties sorted by UTF-16 units, as in RFC 8785).
 *
 * @throws QueueError `not_serializable` or `too_large` with the offender's path; `invalid_argument` for a bad option.
 */
export async function inputKey<Input extends object>(
  input: Input,
  options: InputKeyOptions<Input> = {},
): Promise<string> {
  return keyOfInput(input, options, DEFAULT_LIMITS)
}

/** The same at once, of whatever a backend of these limits takes. */
export function keyOfInput<Input extends object>(
  input: Input,
  options: InputKeyOptions<Input>,
  limits: Pick<Limits, 'payloadBytes' | 'depth'>,
): string {
  checkOptions('options', options, ['only', 'args'])
  const { only, args = [] } = options
  if (only?.length === 0) throw invalidArgument('options.only', 'must name a property; keyBy: task is one key for all')
  checkObject('input', input)
  const value = snapshot('input', input, limits)
  if (!isObject(value)) throw invalidArgument('input', 'must be an object')
  const chosen = only === undefined ? value : picked(value, checkArray('options.only', only, Infinity))
  const text = canonical([chosen, snapshot('options.args', checkArray('options.args', args, Infinity), limits)])
  return `input:${sha256(text)}`
}

/** As it would be stored. */
function snapshot(parameter: string, value: unknown, limits: Pick<Limits, 'payloadBytes' | 'depth'>): Json {
  const bounds = { parameter, maxBytes: limits.payloadBytes, maxDepth: limits.depth }
  const stored: Json = JSON.parse(encodeJson(value, bounds))
  return stored
}

function picked(value: Readonly<Record<string, Json>>, names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`)
  return `{${members.join(',')}}`
}
