import { invalidArgument, QueueError } from './errors.ts'
import { checkBytes, encodeJson, type Json, type JsonObject } from './json.ts'
import type { Limits } from './limits.ts'

/** What a producer sends along with a record. */
export interface Body {
  readonly args: readonly Json[]
  readonly kwargs: JsonObject
  readonly metadata: JsonObject
}

interface UncheckedBody {
  readonly args?: readonly unknown[] | undefined
  readonly kwargs?: unknown
  readonly metadata?: object | undefined
}

/** As the producer knows them: a typed task's input is its kwargs. */
const SHOWN = { args: 'options.args', kwargs: 'input', metadata: 'options.metadata' } as const

/** One JSON text, written once and never changed. @throws QueueError `not_serializable` or `too_large`, with the offender's path. */
export function encodeBody(body: UncheckedBody, limits: Pick<Limits, 'payloadBytes' | 'depth'>): string {
  let members = ''
  for (const name of ['args', 'kwargs', 'metadata'] as const) {
    const value = body[name]
    if (value === undefined) continue
    if (typeof value !== 'object' || value === null || Array.isArray(value) !== (name === 'args')) {
      throw invalidArgument(SHOWN[name], name === 'args' ? 'must be an array' : 'must be an object')
    }
    const text = encodeJson(value, { parameter: SHOWN[name], maxBytes: limits.payloadBytes, maxDepth: limits.depth })
    if (text.length > 2) members += members === '' ? `"${name}":${text}` : `,"${name}":${text}`
  }
  const text = `{${members}}`
  checkBytes('input, args and metadata together', text, limits.payloadBytes)
  return text
}

/** @throws QueueError `corrupt_record` for anything that `encodeBody` did not write. */
export function decodeBody(text: string): Body {
  const value = parse(text)
  if (!isObject(value)) throw corrupt('the body is not an object')
  const { args = [], kwargs = {}, metadata = {} } = value
  if (!Array.isArray(args) || !isObject(kwargs) || !isObject(metadata))
    throw corrupt('args, kwargs or metadata have the wrong shape')
  return { args, kwargs, metadata }
}

/** A stored result or progress. @throws QueueError `corrupt_record`. */
export function decodeJson(text: string | null): Json {
  return text === null ? null : parse(text)
}

/** JSON text of a handler's result or progress; nothing (`undefined`) is stored as null. `parameter` names it in errors. */
export function encodeResult(
  value: unknown,
  limits: Pick<Limits, 'resultBytes' | 'depth'>,
  parameter = 'result',
): string {
  if (value === undefined) return 'null'
  return encodeJson(value, { parameter, maxBytes: limits.resultBytes, maxDepth: limits.depth })
}

function parse(text: string): Json {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch (cause) {
    throw corrupt('a stored value is not JSON', cause)
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function corrupt(what: string, cause?: unknown): QueueError {
  return new QueueError('corrupt_record', what, { cause })
}
