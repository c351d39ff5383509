import type { ClaimLine } from '@millrace/core'
import type { Entry } from './entries.ts'
import { lineName } from './keys.ts'

/** What may still be taken of each line. */
export function lessTaken(lines: readonly ClaimLine[], entries: readonly Entry[]): readonly ClaimLine[] {
  if (lines.every(({ limit }) => limit === undefined)) return lines
  return lines.map((line) => {
    if (line.limit === undefined) return line
    const taken = entries.filter(({ record }) => record !== null && lineName(record) === lineName(line)).length
    return { ...line, limit: Math.max(0, line.limit - taken) }
  })
}
