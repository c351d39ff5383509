import {
  corruptRecord, decodeBody, decodeError, decodeJson, isStatusEvent, STATUS, STATUSES, STATUS_EVENTS,
  type Json, type Status, type StatusEvent, type TaskError, type TaskRecord, type TaskRequest,
} from '@millrace/core' // prettier-ignore
import { EVENT_CODES, STATUS_CODES } from './codes.ts'
import { escapeText, unescapeText, withoutControls } from './escape.ts'
import { Header } from './header.ts'
import { inlineBody, readInlineBody } from './inline-body.ts'
import { keyCode } from './key-codes.ts'
import { shortId } from './short-id.ts'
import { DEFAULT_LINE, DEFAULT_RECOVERIES, standingIn } from './standing.ts'

/*
 * A record as a server stores it, in one hash field: a header of tab-separated fields, a line with the outcome, the body.
 *
 *   pe 0 startedAt completedAt worker queuedAt expiresAt ref line priority createdAt maxRetries retryCount maxRecoveries recoveries requeue
 *   replays scheduledAt replaced task key profile group parent ... \n outcome \n body
 *
 * A body that is nothing but an input is `=` and the input. An empty field is its default. What a later version has put behind the last field is kept as it is. The outcome is r or e with the JSON of
 * a result or an error, R or E where that lies in `results`; an empty body lies in `bodies`. `lua/lib/record.lua` reads and writes the same,
 * and refuses the same headers.
 */

/** A header without control characters but those between its fields. */
const PRINTABLE = new RegExp(String.raw`^[^\0-\x08\n-\x1f]*\n`)

const STATUS_OF: ReadonlyMap<string, Status> = new Map(STATUSES.map((status) => [STATUS_CODES[status], status]))
const EVENT_OF: ReadonlyMap<string, StatusEvent> = new Map(STATUS_EVENTS.map((event) => [EVENT_CODES[event], event]))

/** What lies in other places than the record's text. */
export interface Aside {
  /** The heartbeat as its index has it; null if it is the start. */
  readonly beat: string | null
  readonly progress: string | null
  /** The next text that was fetched from another hash: a body first, then an outcome. */
  readonly next: () => string
}

/** The record's answer at an instant. What cannot be read reads as failed, and `isReadable` is false. */
export interface Unpacked {
  readonly record: TaskRecord
  readonly isReadable: boolean
}

export function unpack(id: string, text: string, now: number, aside: Aside): Unpacked {
  try {
    return { record: read(id, text, now, aside), isReadable: true }
  } catch (problem) {
    return { record: corruptRecord(id, `its stored bytes cannot be read: ${String(problem)}`), isReadable: false }
  }
}

function read(id: string, text: string, now: number, aside: Aside): TaskRecord {
  const headerEnd = text.indexOf('\n')
  const outcomeEnd = text.indexOf('\n', headerEnd + 1)
  if (headerEnd < 0 || outcomeEnd < 0 || !PRINTABLE.test(text)) throw new SyntaxError('the header has another form')
  const header = new Header(text, headerEnd)
  const codes = header.text()
  const attempt = header.number()
  const startedAt = header.numberOr(null)
  const completedAt = header.numberOr(null)
  const workerId = unescapeText(header.text())
  const queuedAt = header.number()
  // Not spread into the answer: this is done for every record that is claimed, and takes twice as long so.
  const {
    expiresAt, executionRef, queue, executionBackend, priority, createdAt, maxRetries, retryCount, maxRecoveries, recoveries, requeueOnStale, replays,
    scheduledAt, taskName, key, keyScope, keyHold, executionProfile, group, parentId,
  } = standingIn(header.rest()) // prettier-ignore
  const body = text.slice(outcomeEnd + 1)
  const { args, kwargs, metadata } = body === '' ? decodeBody(aside.next()) : readInlineBody(body)
  const { result, error } =
    outcomeEnd === headerEnd + 1 ? NO_OUTCOME : outcomeOf(text.slice(headerEnd + 1, outcomeEnd), aside)
  return {
    id,
    taskName,
    queue,
    executionBackend,
    args,
    kwargs,
    metadata,
    priority,
    key,
    keyScope,
    keyHold,
    group,
    parentId,
    status: statusAt(codes, scheduledAt, now),
    lastEvent: eventOf(codes),
    attempt,
    maxRetries,
    retryCount,
    maxRecoveries,
    recoveries,
    requeueOnStale,
    replays,
    scheduledAt,
    expiresAt,
    createdAt: createdAt ?? queuedAt,
    queuedAt,
    startedAt,
    heartbeatAt: aside.beat === null ? startedAt : beatOf(aside.beat),
    completedAt,
    executionProfile,
    executionRef,
    workerId,
    result,
    error,
    progress: decodeJson(aside.progress),
  }
}

/** A holder that was declared dead has none. */
function beatOf(text: string): number | null {
  if (text === '' || text === '-inf') return null
  const beat = Number(text)
  if (!Number.isSafeInteger(beat)) throw new SyntaxError('a number is none')
  return beat
}

const NO_OUTCOME = { result: null, error: null }

function outcomeOf(outcome: string, aside: Aside): { readonly result: Json; readonly error: TaskError | null } {
  switch (outcome.charAt(0)) {
    case 'r':
      return { result: decodeJson(outcome.slice(1)), error: null }
    case 'R':
      return { result: decodeJson(aside.next()), error: null }
    case 'e':
      return { result: null, error: decodeError(decodeJson(outcome.slice(1))) }
    case 'E':
      return { result: null, error: decodeError(decodeJson(aside.next())) }
    default:
      throw new SyntaxError('the outcome has another form')
  }
}

/** A scheduled record that is due is pending: a fact, whether or not anybody has moved it yet. */
function statusAt(codes: string, scheduledAt: number | null, now: number): Status {
  const status = statusOf(codes.charAt(0))
  if (status === undefined) throw new SyntaxError('the status is unknown')
  if (status !== STATUS.scheduled) return status
  if (scheduledAt === null) throw new SyntaxError('it is scheduled for no time')
  return scheduledAt <= now ? STATUS.pending : status
}

/** The place of the line among the fields. */
const LINE = 8

/** The line that a stored text names, whatever else can be read of it. */
export function lineIn(text: string): string {
  return text.split('\t', LINE + 1)[LINE] || DEFAULT_LINE
}

/** The status that a letter of a reply or a record stands for. */
export function statusOf(letter: string): Status | undefined {
  return STATUS_OF.get(letter)
}

function eventOf(codes: string): StatusEvent {
  const event = EVENT_OF.get(codes.charAt(1))
  if (!isStatusEvent(event)) throw new SyntaxError('the event is unknown')
  return event
}

/** What never changes of a record but its body, in two pieces, between which a script puts what only it knows. */
export interface PackedRequest {
  readonly head: string
  /** Up to the body, which lies aside if it is large. */
  readonly tail: string
}

/** Bodies, results and errors above this many UTF-16 units lie in hashes of their own and are never rewritten with the record. */
export const MAX_INLINE = 512

export function packRequest(request: TaskRequest): PackedRequest {
  const { maxRetries, maxRecoveries, requeueOnStale, taskName, executionProfile, group, parentId } = request
  return {
    head: `\t${maxRetries === 0 ? '' : maxRetries}\t\t${maxRecoveries === DEFAULT_RECOVERIES ? '' : maxRecoveries}\t\t${requeueOnStale ? '' : '0'}\t\t`,
    tail: `${taskName}\t${keyField(request)}\t${escapeText(executionProfile)}\t${escapeText(group)}\t${parentId === null ? '' : shortId(parentId)}\n\n`,
  }
}

/** A body where it stands in the record's text, or where it lies aside; the other one is empty. */
export function packBody(body: string): { readonly inline: string; readonly aside: string } {
  const text = withoutControls(body)
  return text.length <= MAX_INLINE ? { inline: inlineBody(text), aside: '' } : { inline: '', aside: text }
}

function keyField({ key, keyScope, keyHold }: TaskRequest): string {
  return key === null || keyScope === null || keyHold === null ? '' : keyCode({ keyScope, keyHold }) + escapeText(key)
}
