import { QueueError, REPLACED, type EnqueueResult, type TaskRequest } from '@millrace/core'
import { hasDoneNothing, type Answer, type Caller } from './caller.ts'
import { chunks, MAX_IDS } from './chunks.ts'
import { readEntries } from './entries.ts'
import { escapeText } from './escape.ts'
import { identityOf } from './identity.ts'
import { holdCode } from './key-codes.ts'
import { lineName } from './keys.ts'
import { bodiesOf, createdRecords, newRecord, type Bodies } from './new-record.ts'
import { MAX_INLINE, packBody, packRequest } from './packed-record.ts'
import { SCHEMA } from './schema.ts'
import type { ScriptCall } from './script.ts'
import { enqueue as script, enqueueOne as oneScript, enqueuePlain as plainScript } from './scripts.generated.ts'
import { longId, shortId } from './short-id.ts'

/** A call of several, for those behind it that are made before the event loop goes round. */
interface Ahead {
  /** It is there once all of that call was persisted. */
  readonly id: string
  readonly answer: Promise<unknown>
}

/**
 * In as few round trips as keep the order: what a script that did nothing was to do is done before anything behind it, also before the next
 * call of a tick that takes several. Not before those of later ticks: each of these would wait for the one before, as long as they keep coming.
 */
export class Enqueues {
  #ahead: Ahead | null = null

  make(caller: Caller, requests: readonly TaskRequest[]): Promise<readonly EnqueueResult[]> {
    const answer = enqueue(caller, requests, this.#ahead)
    if (requests.length > 1 || this.#ahead !== null) this.#follow(requests, answer)
    return answer
  }

  #follow(requests: readonly TaskRequest[], answer: Promise<unknown>): void {
    const last = requests.at(-1)
    const isFirst = this.#ahead === null
    // One with a key may find another record that holds it.
    this.#ahead = last === undefined || last.key !== null ? null : { id: shortId(last.id), answer }
    if (isFirst) setImmediate(() => (this.#ahead = null))
  }
}

/** The same answer; if nothing was done, not before the call ahead has its own, whatever that is. */
function behind(ahead: Ahead | null, answer: Promise<Answer>): Promise<Answer> {
  if (ahead === null) return answer
  return answer.then(async (answered) => {
    if (hasDoneNothing(answered)) await ahead.answer.catch(() => {})
    return answered
  })
}

function enqueue(
  caller: Caller,
  requests: readonly TaskRequest[],
  ahead: Ahead | null,
): Promise<readonly EnqueueResult[]> {
  const pieces = piecesOf(requests)
  return pieces.length === 1
    ? enqueuePiece(caller, pieceOf(requests, ahead?.id ?? ''), ahead)
    : enqueuePieces(caller, pieces, ahead)
}

async function enqueuePieces(
  caller: Caller,
  pieces: readonly (readonly TaskRequest[])[],
  ahead: Ahead | null,
): Promise<readonly EnqueueResult[]> {
  const results = [...(await enqueueSome(caller, pieces, ahead))]
  while (results.length < pieces.length)
    results.push(...(await enqueueSome(caller, pieces.slice(results.length), null)))
  return results.flat()
}

/** The odd piece goes first: the server begins with it while the others, which are larger, are put together. */
function piecesOf(requests: readonly TaskRequest[]): readonly (readonly TaskRequest[])[] {
  // What a program sends that awaits each enqueue.
  if (requests.length === 1) return [requests]
  const odd = requests.length % MAX_IDS
  return [requests.slice(0, odd), requests.slice(odd)].flatMap((some) => chunks(some, ({ body }) => body.length))
}

/** The first pieces one right behind the other, up to one that did nothing, which goes again. None behind that one did anything either. */
async function enqueueSome(
  caller: Caller,
  rest: readonly (readonly TaskRequest[])[],
  ahead: Ahead | null,
): Promise<readonly (readonly EnqueueResult[])[]> {
  const sent = travelling(rest, ahead?.id ?? '').map((piece) => {
    const answer = answerTo(caller, piece)
    // Whoever meets an error in one does not look at the others.
    answer.catch(() => {})
    return { piece, answer }
  })
  const results: (readonly EnqueueResult[])[] = []
  for (const { piece, answer } of sent) {
    const bodies = bodiesIn(piece)
    const answered = await behind(ahead, answer)
    results.push(await resultsOf(caller, piece, { answered, bodies }))
    if (hasDoneNothing(answered)) break
  }
  return results
}

async function enqueuePiece(caller: Caller, piece: Piece, ahead: Ahead | null): Promise<readonly EnqueueResult[]> {
  const answer = answerTo(caller, piece)
  const bodies = bodiesIn(piece)
  return resultsOf(caller, piece, { answered: await behind(ahead, answer), bodies })
}

/** What the general script takes is read as the script answers: it may name other records. */
function bodiesIn({ requests, line }: Piece): Bodies {
  return line === null ? [] : bodiesOf(requests)
}

/** What one script takes. */
interface Piece {
  readonly requests: readonly TaskRequest[]
  /** An id that is there once the piece before was persisted; empty for the first one. */
  readonly after: string
  /** The line of requests that are all plain and of one line; else null. */
  readonly line: string | null
}

function pieceOf(requests: readonly TaskRequest[], after: string): Piece {
  return { requests, after, line: plainLine(requests) }
}

function answerTo(caller: Caller, { requests, after, line }: Piece): Promise<Answer> {
  if (line === null) return caller.run(script, callOf(caller, requests, after))
  const { now, aging } = caller
  const [first, second] = requests
  if (first?.priority === 0 && second === undefined && after === '')
    return caller.run(oneScript, { args: { now, aging, id: shortId(first.id), rest: restOf(first) }, lines: [line] })
  const beginning = commonBeginning(requests)
  const items = [idsOf(requests), ...requests.map(beginning === '' ? restOf : inlineOf)]
  return caller.run(plainScript, { args: { now, after, aging, beginning }, lines: [line], items })
}

function resultsOf(
  caller: Caller,
  { requests, line }: Piece,
  { answered, bodies }: { readonly answered: Answer; readonly bodies: Bodies },
): readonly EnqueueResult[] | Promise<readonly EnqueueResult[]> {
  if (hasDoneNothing(answered)) return enqueueAgain(caller, requests, answered)
  return line === null ? read(answered, requests) : createdRecords(requests, Number(answered.main), bodies)
}

/** Pieces that may travel together: of each, what comes behind it can see whether it was persisted. */
function travelling(pieces: readonly (readonly TaskRequest[])[], ahead: string): readonly Piece[] {
  const some: Piece[] = []
  let after = ahead
  for (const piece of pieces) {
    if (some.length > 0 && after === '') return some
    some.push(pieceOf(piece, after))
    after = sureIdOf(piece)
  }
  return some
}

/** An id that is there once these were persisted: one with a key may find another record that holds it. Empty if there is none. */
function sureIdOf(requests: readonly TaskRequest[]): string {
  const sure = requests.findLast(({ key }) => key === null)
  return sure === undefined ? '' : shortId(sure.id)
}

function plainLine(requests: readonly TaskRequest[]): string | null {
  const [first] = requests
  if (first === undefined) return null
  const { queue, executionBackend } = first
  let before = ''
  for (const request of requests) {
    // Of two with one id the second answers as the first, which is not for the plain script: it expects them in order.
    const isNext = request.id > before && request.queue === queue && request.executionBackend === executionBackend
    if (!isNext || !isPlain(request)) return null
    before = request.id
  }
  return lineName(first)
}

/** What did nothing goes to the general script, which takes everything. */
async function enqueueAgain(
  caller: Caller,
  requests: readonly TaskRequest[],
  first: Answer,
): Promise<readonly EnqueueResult[]> {
  const call = callOf(caller, requests, '')
  const answer = first.main === '' ? await caller.run(script, call) : first
  return read(await caller.settleMoves(script, call, answer), requests)
}

/** As the general script deals with them, and answers: plain ones first, line by line. */
function sorted(requests: readonly TaskRequest[]) {
  const { plain = [], other = [] } = Object.groupBy(requests, (request) => (isPlain(request) ? 'plain' : 'other'))
  return { groups: [...Map.groupBy(plain, lineName)], others: other }
}

function callOf(caller: Caller, requests: readonly TaskRequest[], after: string): ScriptCall<typeof script> {
  const { groups, others } = sorted(requests)
  return {
    args: {
      now: caller.now,
      after,
      schema: SCHEMA,
      partitions: 1,
      aging: caller.aging,
      prefix: caller.keys.prefix,
      groupCount: groups.length,
    },
    lines: [...new Set(requests.map(lineName))],
    items: [...groups.flatMap(([line, some]) => [line, ...plainItems(some)]), ...others.flatMap(itemsOf)],
  }
}

/** Due now, without a key or a deadline, and small: what most requests are. */
function isPlain({ key, delayMs, scheduledAt, expiresInMs, expiresAt, body }: TaskRequest): boolean {
  const isUntimed = delayMs === null && scheduledAt === null && expiresInMs === null && expiresAt === null
  return isUntimed && key === null && body.length <= MAX_INLINE
}

/** The ids, one behind the other; then everything of each record that stands behind its line. */
function plainItems(requests: readonly TaskRequest[]): readonly string[] {
  return [idsOf(requests), ...requests.map(restOf)]
}

/** One behind the other. */
function idsOf(requests: readonly TaskRequest[]): string {
  let ids = ''
  for (const { id } of requests) ids += shortId(id)
  return ids
}

/** Everything of a plain record that stands behind its line. */
function restOf(request: TaskRequest): string {
  return beginningOf(request) + inlineOf(request)
}

function inlineOf({ body }: TaskRequest): string {
  return packBody(body).inline
}

/** What all plain records of these have between their line and their body; empty if they differ in it. */
function commonBeginning(requests: readonly TaskRequest[]): string {
  const [first] = requests
  return first !== undefined && requests.every((one) => isAlike(one, first)) ? beginningOf(first) : ''
}

/** What a plain record has between its line and its body. */
function beginningOf(request: TaskRequest): string {
  const { head, tail } = packRequest(request)
  return `${request.priority === 0 ? '' : request.priority}\t${head}\t\t${tail}`
}

/** Whether two plain records of a line differ in their bodies alone, as most do that a program enqueues at once. */
function isAlike(one: TaskRequest, other: TaskRequest): boolean {
  return (
    one.taskName === other.taskName &&
    one.priority === other.priority &&
    one.maxRetries === other.maxRetries &&
    one.maxRecoveries === other.maxRecoveries &&
    one.requeueOnStale === other.requeueOnStale &&
    one.executionProfile === other.executionProfile &&
    one.group === other.group &&
    one.parentId === other.parentId
  )
}

function itemsOf(request: TaskRequest): readonly (string | number)[] {
  const { head, tail } = packRequest(request)
  const { inline, aside } = packBody(request.body)
  return [
    shortId(request.id),
    lineName(request),
    keyOf(request),
    timingOf(request),
    request.priority === 0 ? '' : request.priority,
    head,
    tail + inline,
    aside,
  ]
}

/** The task that may be replaced, the hold with its window, x to extend, the error of what is replaced, and the key. */
function keyOf(request: TaskRequest): string {
  const { key, keyScope, keyHold, keyWindowMs, taskName, onConflict, id } = request
  if (key === null || keyScope === null || keyHold === null) return ''
  const failure = onConflict === 'keep' ? '' : `e${JSON.stringify(REPLACED(id))}`
  const conflict = onConflict === 'extend' ? `x${failure}` : failure
  return `${taskName}\t${holdCode(keyHold)}${keyWindowMs ?? ''}\t${conflict}\t${identityOf(keyScope, taskName, escapeText(key))}`
}

function timingOf({ delayMs, scheduledAt, expiresInMs, expiresAt }: TaskRequest): string {
  if (delayMs === null && scheduledAt === null && expiresInMs === null && expiresAt === null) return ''
  return `${delayMs ?? ''} ${scheduledAt ?? ''} ${expiresInMs ?? ''} ${expiresAt ?? ''}`
}

/** The results stand in the order of the requests. */
function read({ main, extras }: Answer, requests: readonly TaskRequest[]): readonly EnqueueResult[] {
  const [at = '', letters = '', stored = '', gone = ''] = main.split('\u001d')
  const now = Number(at)
  const entries = readEntries(stored, extras, now)[Symbol.iterator]()
  const reserved = gone.split('\u001e')[Symbol.iterator]()
  const { groups, others } = sorted(requests)
  const answered = [...groups.flatMap(([, some]) => some), ...others]
  const results = new Map<TaskRequest, EnqueueResult>()
  for (const [i, request] of answered.entries()) results.set(request, resultOf(request, letters.charAt(i)))
  return requests.map((request) => {
    const result = results.get(request)
    if (result === undefined) throw new QueueError('corrupt_record', 'an enqueue answered for other requests')
    return result
  })

  function resultOf(request: TaskRequest, letter: string): EnqueueResult {
    if (letter === 'n' || letter === 'm')
      return { outcome: letter === 'n' ? 'created' : 'replaced', record: newRecord(request, now) }
    if (letter === 'g') return reservedBy(reserved.next().value)
    const record = entries.next().value?.record
    if (record === null || record === undefined)
      throw new QueueError('corrupt_record', 'an enqueue answered without the record')
    return { outcome: letter === 'e' ? 'existing' : letter === 'r' ? 'replaced' : 'created', record }
  }
}

/** The record that took the key, and its task: it is gone. */
function reservedBy(text = ''): EnqueueResult {
  const [id = '', taskName = ''] = text.split('\u001f')
  return { outcome: 'reserved', record: null, id: longId(id) ?? id, taskName }
}
