import {
  corruptRecord,
  decodeBody,
  QueueError,
  REPLACED,
  STATUS,
  type EnqueueResult,
  type TaskRecord,
  type TaskRequest,
} from '@millrace/core'
import type { Answer, Caller } from './caller.ts'
import { chunks } from './chunks.ts'
import { readEntries } from './entries.ts'
import { escapeText, withoutControls } from './escape.ts'
import { identityOf } from './identity.ts'
import { lineName } from './keys.ts'
import { MAX_INLINE, packRequest } from './packed-record.ts'
import { SCHEMA } from './schema.ts'
import type { ScriptCall } from './script.ts'
import { enqueue as script, enqueuePlain as plainScript } from './scripts.generated.ts'
import { shortId } from './short-id.ts'

/** All requests in one round trip; in several scripts if they are many, one after the other if they share a key. */
export async function enqueue(caller: Caller, requests: readonly TaskRequest[]): Promise<readonly EnqueueResult[]> {
  const pieces = chunks(requests, ({ body }) => body.length)
  if (!shareKeys(pieces)) return await enqueueTogether(caller, pieces)
  const results: EnqueueResult[] = []
  for (const piece of pieces) results.push(...(await enqueueTogether(caller, [piece])))
  return results
}

/** A script may have to be run again with more lines. Then the key that it is about must not have been taken by one behind it. */
function shareKeys(pieces: readonly (readonly TaskRequest[])[]): boolean {
  if (pieces.length < 2) return false
  const keys = pieces.flatMap((piece) => [...new Set(piece.map(({ key }) => key).filter((key) => key !== null))])
  return new Set(keys).size < keys.length
}

async function enqueueTogether(
  caller: Caller,
  requests: readonly (readonly TaskRequest[])[],
): Promise<readonly EnqueueResult[]> {
  const pieces = requests.map((piece) => ({ piece, plain: plainLine(piece) }))
  const answers = await caller.runPrepared(
    pieces.map(({ piece, plain }) =>
      plain === null
        ? caller.prepare(script, callOf(caller, piece))
        : caller.prepare(plainScript, plainCall(caller, piece, plain)),
    ),
  )
  const results: EnqueueResult[] = []
  for (const [i, { piece, plain }] of pieces.entries()) {
    const answer = answers[i]
    if (answer === undefined) throw new QueueError('connection', 'the server sent no reply', { indeterminate: true })
    results.push(...(await resultsOf(caller, piece, plain === null ? { answer } : { now: answer.main })))
  }
  return results
}

/** The line of requests that are all plain and of one line; else null. */
function plainLine(requests: readonly TaskRequest[]): string | null {
  const [first] = requests
  if (first === undefined) return null
  const line = lineName(first)
  return requests.every((request) => isPlain(request) && lineName(request) === line) ? line : null
}

function plainCall(caller: Caller, requests: readonly TaskRequest[], line: string): ScriptCall<typeof plainScript> {
  return { args: { now: caller.now }, lines: [line], items: plainItems(requests) }
}

/** The plain script writes all of its requests or none, and then the general one answers. */
async function resultsOf(
  caller: Caller,
  requests: readonly TaskRequest[],
  first: { readonly answer: Answer } | { readonly now: string },
): Promise<readonly EnqueueResult[]> {
  if ('now' in first && first.now !== '')
    return requests.map((request) => ({ outcome: 'created', record: newRecord(request, Number(first.now)) }))
  const call = callOf(caller, requests)
  const answer = 'answer' in first ? first.answer : await caller.run(script, call)
  return read(await caller.settleMoves(script, call, answer), requests)
}

function callOf(caller: Caller, requests: readonly TaskRequest[]): ScriptCall<typeof script> {
  const plain = Map.groupBy(requests.filter(isPlain), lineName)
  return {
    args: { now: caller.now, schema: SCHEMA, partitions: 1, prefix: caller.keys.prefix, groupCount: plain.size },
    lines: [...new Set(requests.map(lineName))],
    items: [
      ...[...plain].flatMap(([line, some]) => [line, ...plainItems(some)]),
      ...requests.filter((request) => !isPlain(request)).flatMap(itemsOf),
    ],
  }
}

/** Due now, without a key or a deadline, and small: what most requests are. */
function isPlain({ key, delayMs, scheduledAt, expiresInMs, expiresAt, body }: TaskRequest): boolean {
  const isUntimed = delayMs === null && scheduledAt === null && expiresInMs === null && expiresAt === null
  return isUntimed && key === null && body.length <= MAX_INLINE
}

/** The ids, one behind the other; then everything of each record that stands behind its line. */
function plainItems(requests: readonly TaskRequest[]): readonly string[] {
  const items = ['']
  let ids = ''
  for (const request of requests) {
    const { head, tail } = packRequest(request, withoutControls(request.body))
    const { id, priority } = request
    ids += shortId(id)
    items.push(`${priority === 0 ? '' : priority}\t${head}\t\t${tail}`)
  }
  items[0] = ids
  return items
}

function itemsOf(request: TaskRequest): readonly (string | number)[] {
  const { head, tail, body } = packRequest(request, withoutControls(request.body))
  return [
    shortId(request.id),
    lineName(request),
    keyOf(request),
    timingOf(request),
    request.priority === 0 ? '' : request.priority,
    head,
    tail,
    body,
  ]
}

/** The task that may be replaced, the error of what is replaced, and the key. */
function keyOf(request: TaskRequest): string {
  const { key, keyScope, taskName, onConflict, id } = request
  if (key === null || keyScope === null) return ''
  const failure = onConflict === 'replace' ? `e${JSON.stringify(REPLACED(id))}` : ''
  return `${taskName}\t${failure}\t${identityOf(keyScope, taskName, escapeText(key))}`
}

function timingOf({ delayMs, scheduledAt, expiresInMs, expiresAt }: TaskRequest): string {
  if (delayMs === null && scheduledAt === null && expiresInMs === null && expiresAt === null) return ''
  return `${delayMs ?? ''} ${scheduledAt ?? ''} ${expiresInMs ?? ''} ${expiresAt ?? ''}`
}

/** Plain requests are answered first, line by line; the results stand in the order of the requests. */
function read({ main, extras }: Answer, requests: readonly TaskRequest[]): readonly EnqueueResult[] {
  const [at = '', letters = '', stored = ''] = main.split('\u001d')
  const now = Number(at)
  const entries = readEntries(stored, extras, now)[Symbol.iterator]()
  const plain = Map.groupBy(requests.filter(isPlain), lineName)
  const answered = [...[...plain.values()].flat(), ...requests.filter((request) => !isPlain(request))]
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
    const record = entries.next().value?.record
    if (record === null || record === undefined)
      throw new QueueError('corrupt_record', 'an enqueue answered without the record')
    return { outcome: letter === 'e' ? 'existing' : letter === 'r' ? 'replaced' : 'created', record }
  }
}

/** What the script has just written. */
function newRecord(request: TaskRequest, now: number): TaskRecord {
  const { id, taskName, queue, priority, key, keyScope, group, parentId, maxRetries, maxRecoveries } = request
  const { delayMs, expiresInMs, requeueOnStale, executionBackend, executionProfile } = request
  const scheduledAt = delayMs === null || delayMs === 0 ? request.scheduledAt : now + delayMs
  try {
    return {
      id,
      taskName,
      queue,
      ...decodeBody(request.body),
      priority,
      key,
      keyScope,
      group,
      parentId,
      status: scheduledAt !== null && scheduledAt > now ? STATUS.scheduled : STATUS.pending,
      lastEvent: 'enqueue',
      attempt: 0,
      maxRetries,
      retryCount: 0,
      maxRecoveries,
      recoveries: 0,
      requeueOnStale,
      replays: 0,
      scheduledAt,
      expiresAt: expiresInMs === null ? request.expiresAt : now + expiresInMs,
      createdAt: now,
      queuedAt: Math.max(now, scheduledAt ?? now),
      startedAt: null,
      heartbeatAt: null,
      completedAt: null,
      executionBackend,
      executionProfile,
      executionRef: null,
      workerId: null,
      result: null,
      error: null,
      progress: null,
    }
  } catch (problem) {
    return corruptRecord(id, `its body cannot be read: ${String(problem)}`)
  }
}
