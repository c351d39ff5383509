import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { isId, STATUS, type Client, type TaskRecord } from '@millrace/core'
import { z } from 'zod'
import { recordsOf } from './inventory-progress.ts'
import { codeOf } from './refusal.ts'

/** What a handler writes down when it starts: evidence that does not come from the queue. */
interface Start {
  readonly key: string
  readonly id: string
  readonly attempt: number
  readonly pid: number
}

const start = z.object({ key: z.string(), id: z.string(), attempt: z.int(), pid: z.int() })

export interface Witness {
  /** One line, appended in one write, so that several processes can share the file. */
  started(key: string, id: string, attempt: number): void
}

export function witnessIn(path: string): Witness {
  return {
    started(key, id, attempt) {
      const line: Start = { key, id, attempt, pid: process.pid }
      appendFileSync(path, `${JSON.stringify(line)}\n`)
    },
  }
}

/**
 * Makes the file, and empties it unless somebody will still want to hear its lines: a program that has written to it and is still there,
 * or whoever goes on with an inventory whose records the backend still has.
 */
export async function prepareWitness(path: string, client: Client): Promise<void> {
  const starts = readStarts(path) ?? []
  const isInUse = starts.some(({ pid }) => pid !== process.pid && isAlive(pid)) || (await areKnown(starts, client))
  writeFileSync(path, '', { flag: isInUse ? 'a' : 'w' })
}

async function areKnown(starts: readonly Start[], client: Client): Promise<boolean> {
  const ids = new Set(starts.map(({ id }) => id).filter((id) => isId(id)))
  return (await recordsOf(client, [...ids])).length > 0
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

export interface Testimony {
  /** Lines about the records given. */
  readonly starts: number
  /** Attempts without a line: given back, or lost with their worker, before the handler began. */
  readonly unbegun: number
  readonly records: number
  /** That the lines come from. */
  readonly processes: number
  /** One sentence per record that the file contradicts. */
  readonly contradictions: readonly string[]
}

/**
 * Compares the file with what the records say. No attempt has two lines, and none has one that was not made. An attempt whose end the
 * handler caused has its line: each retry, and the last one if it completed or failed. What is left are attempts that were given back or
 * recovered: their handlers may have begun, or not. Where there are none, which is so if nothing crashed or was shut down, the lines are
 * exactly the attempts.
 */
export function hear(path: string, records: readonly TaskRecord[]): Testimony {
  const attempts = new Map<string, number[]>()
  const pids = new Set<number>()
  const written = readStarts(path)
  if (written === null)
    return { starts: 0, unbegun: 0, records: records.length, processes: 0, contradictions: [`${path} cannot be read`] }
  const known = new Set(records.map(({ id }) => id))
  for (const { id, attempt, pid } of written) {
    attempts.set(id, [...(attempts.get(id) ?? []), attempt])
    if (known.has(id)) pids.add(pid)
  }
  let starts = 0
  let unbegun = 0
  const contradictions: string[] = []
  for (const record of records) {
    const { id, key, attempt, status } = record
    const seen = (attempts.get(id) ?? []).toSorted((a, b) => a - b)
    starts += seen.length
    unbegun += Math.max(0, attempt - seen.length)
    if (agrees(record, seen)) continue
    const was = status === STATUS.completed ? '' : `, ${status}`
    const open = attempt - begun(record)
    const but = open === 0 ? '' : ` (${open} given back or recovered)`
    contradictions.push(`${key ?? id}: attempt ${attempt}${was}${but}, but it started as ${seen.join(', ') || 'none'}`)
  }
  return { starts, unbegun, records: records.length, processes: pids.size, contradictions }
}

/** `seen` in ascending order. */
function agrees(record: TaskRecord, seen: readonly number[]): boolean {
  const isOnceEach = seen.every((one, index) => one >= 1 && one <= record.attempt && one !== seen[index - 1])
  return isOnceEach && seen.length >= begun(record) && (!handlerEnded(record) || seen.at(-1) === record.attempt)
}

/** How many attempts the handler certainly began. A replay starts the count of retries anew, so it may have been more. */
function begun(record: TaskRecord): number {
  return record.retryCount + (handlerEnded(record) ? 1 : 0)
}

/** Failures of a last attempt that came before its handler: what was stored is refused, or no worker knows the task. */
const BEFORE_THE_HANDLER: readonly string[] = ['invalid_argument', 'unknown_task', 'corrupt_record']

/** Whether it was the handler that ended the last attempt: not a recovery, a cancellation, or what stands above. */
function handlerEnded({ lastEvent, error }: TaskRecord): boolean {
  return lastEvent === 'complete' || (lastEvent === 'fail' && !BEFORE_THE_HANDLER.includes(error?.code ?? ''))
}

/** null: the file is gone, or a line was not written as it should be. */
function readStarts(path: string): readonly Start[] | null {
  try {
    const lines = readFileSync(path, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => start.parse(JSON.parse(line)))
  } catch {
    return null
  }
}
