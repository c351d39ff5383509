import { decodeJson, isObject } from './body.ts'
import { cut, fit } from './cut.ts'
import { invalidArgument } from './errors.ts'
import { encodeJson, type Json } from './json.ts'

/** Of what handlers wrote about one record the newest entries are kept: so many, of so many UTF-8 bytes of JSON text together. */
export const MAX_LOG_ENTRIES = 100
export const MAX_LOG_BYTES = 16_384
/** UTF-8 bytes of one entry's data, as JSON, and of its message, which is cut. */
export const MAX_LOG_PART_BYTES = 1_024
/** One entry as JSON text. */
export const MAX_NOTE_BYTES: number = 2 * MAX_LOG_PART_BYTES + 32

/** What a handler wrote down about its record, as stored. */
export interface LogEntry {
  /** The attempt that wrote it. */
  readonly attempt: number
  /** Counts an attempt's entries from 1; a gap tells of entries that were dropped because newer ones needed their place. */
  readonly number: number
  /** Epoch ms of the backend's clock. */
  readonly at: number
  readonly message: string
  /** null if the entry has none. */
  readonly data: Json
}

/** An entry on its way to the backend. */
export interface Note {
  /** From 1, growing within an attempt: an entry that is sent twice is stored once. */
  readonly number: number
  /** How long ago it was written; the worker's clock is not compared with the backend's. */
  readonly agoMs: number
  /** From `encodeNote`; no backend looks into it. */
  readonly text: string
}

/**
 * @throws QueueError `invalid_argument` if the message is no text; `not_serializable` or `too_large` for the data. A message that is too
 * long is cut on a code point.
 */
export function encodeNote(message: unknown, data: unknown, depth: number): string {
  if (typeof message !== 'string') throw invalidArgument('context.log message', 'must be text')
  const shown = fit(cut(message, MAX_LOG_PART_BYTES), MAX_LOG_PART_BYTES, (part) => part) ?? '""'
  if (data === undefined) return `{"message":${shown}}`
  return `{"message":${shown},"data":${encodeJson(data, { parameter: 'context.log data', maxBytes: MAX_LOG_PART_BYTES, maxDepth: depth })}}`
}

const UNREADABLE: Pick<LogEntry, 'message' | 'data'> = { message: 'this entry cannot be read', data: null }

/** What `encodeNote` wrote. An entry that cannot be read says so, and does no harm to the others. */
export function decodeNote(text: string): Pick<LogEntry, 'message' | 'data'> {
  try {
    const value = decodeJson(text)
    if (!isObject(value)) return UNREADABLE
    const { message, data = null } = value
    return typeof message === 'string' ? { message, data } : UNREADABLE
  } catch {
    return UNREADABLE
  }
}
