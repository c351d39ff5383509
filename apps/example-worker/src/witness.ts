import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { STATUS, type TaskRecord } from '@millrace/core'
import { z } from 'zod'
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

/** Makes the file, and empties it of earlier runs, unless a program that is still there has written to it: it will want to hear its lines. */
export function prepareWitness(path: string): void {
  const isInUse = (readStarts(path) ?? []).some(({ pid }) => pid !== process.pid && isAlive(pid))
  writeFileSync(path, '', { flag: isInUse ? 'a' : 'w' })
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
  readonly records: number
  /** One sentence per record for which the file does not hold exactly one line for each attempt. */
  readonly contradictions: readonly string[]
}

/** Compares the file with what the records say: attempts 1, 2, ... of each, each once. */
export function hear(path: string, records: readonly TaskRecord[]): Testimony {
  const attempts = new Map<string, number[]>()
  const written = readStarts(path)
  if (written === null) return { starts: 0, records: records.length, contradictions: [`${path} cannot be read`] }
  for (const { id, attempt } of written) attempts.set(id, [...(attempts.get(id) ?? []), attempt])
  let starts = 0
  const contradictions: string[] = []
  for (const { id, key, attempt, status } of records) {
    const seen = (attempts.get(id) ?? []).toSorted((a, b) => a - b)
    starts += seen.length
    if (seen.length === attempt && seen.every((one, index) => one === index + 1)) continue
    const was = status === STATUS.completed ? '' : `, ${status}`
    contradictions.push(`${key ?? id}: attempt ${attempt}${was}, but it started as ${seen.join(', ') || 'none'}`)
  }
  return { starts, records: records.length, contradictions }
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
