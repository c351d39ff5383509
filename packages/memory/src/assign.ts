import { isTerminal, STATUS, type ActOutcome, type Assignment } from '@millrace/core'
import { change } from './move.ts'
import type { Namespace } from './namespace.ts'
import type { Row } from './row.ts'

/**
 * Compare-and-set of where a record is executed. `lost`: not the expected attempt or reference. `refused`: it has ended, or it would
 * move to another line while it runs. Showing what is wanted already is `ok`.
 */
export function assign(namespace: Namespace, assignment: Assignment): ActOutcome {
  const { id, attempt, expectedRef, executionRef } = assignment
  if (!namespace.rows.has(id)) return 'missing'
  const row = namespace.readable(id)
  if (row === null) return 'refused'
  if (attempt !== 'any' && attempt !== row.attempt) return 'lost'
  if (isTerminal(row.status)) return 'refused'

  const { executionBackend = row.executionBackend, executionProfile = row.executionProfile } = assignment
  const wanted = { executionRef, executionBackend, executionProfile }
  if (shows(row, wanted)) return 'ok'
  if (expectedRef !== undefined && expectedRef !== row.executionRef) return 'lost'
  if (executionBackend !== row.executionBackend && row.status === STATUS.running) return 'refused'
  change(namespace, row, wanted)
  return 'ok'
}

type Whereabouts = Pick<Row, 'executionRef' | 'executionBackend' | 'executionProfile'>

function shows(row: Row, wanted: Whereabouts): boolean {
  return (
    row.executionRef === wanted.executionRef &&
    row.executionBackend === wanted.executionBackend &&
    row.executionProfile === wanted.executionProfile
  )
}
