import type { Violation } from '@millrace/core'
import { blocking, holdsKey, isOver, keyIdentity, keyIn, outlasts, type Reservation } from './key.ts'
import { entriesOf, isFiledAt } from './filing.ts'
import { nameOf, type Place } from './lines.ts'
import { refile } from './move.ts'
import type { Namespace } from './namespace.ts'
import { list, take } from './reserve.ts'
import { readStored, type Garbage, type Row } from './row.ts'

/** Something wrong, and how to mend it if there is one right answer; mending answers whether that could be done. */
export interface Finding extends Omit<Violation, 'repaired'> {
  readonly mend?: () => boolean
}

export function recordFindings(
  namespace: Namespace,
  { id, stored, now }: { readonly id: string; readonly stored: Row | Garbage; readonly now: number },
): readonly Finding[] {
  const read = readStored(stored, 0)
  if ('defect' in read) return [{ code: 'corrupt_record', subject: id, detail: read.defect }]
  return typeof stored === 'string' ? [] : [...unindexed(namespace, stored), ...unheld(namespace, stored, now)]
}

/** A key that names no record is free, and nothing is lost with it, unless it is taken for some time yet and was only not listed. */
export function keyFindings(
  namespace: Namespace,
  { identity, found, now }: { readonly identity: string; readonly found: Reservation; readonly now: number },
): readonly Finding[] {
  const { rows, keys, windows } = namespace
  const { id, hold, until } = found
  if (rows.has(id) || hold === 'forever' || windows.has({ score: until, id: identity })) return []
  const detail = `it names ${id}, which does not exist`
  const mend = (): boolean => {
    if (outlasts(found) && !isOver(found, now)) list(namespace, identity, found)
    else keys.delete(identity)
    return true
  }
  return [{ code: 'dangling_key', subject: keyIn(identity), detail, mend }]
}

/** What cannot be read may be filed anywhere; it is reported as a record. */
export function entryFindings(namespace: Namespace, { line, index, score, id }: Place): readonly Finding[] {
  const stored = namespace.rows.get(id)
  if (typeof stored === 'string' || (stored !== undefined && isFiledAt(stored, { index, score }, namespace.lines.step)))
    return []
  const reason = stored === undefined ? 'there is no such record' : `the record is ${stored.status}`
  return [
    {
      code: 'dangling_index',
      subject: id,
      detail: `${nameOf(line)} lists it as ${index}, but ${reason}`,
      mend: () => line.indexes[index].delete({ score, id }),
    },
  ]
}

function unindexed(namespace: Namespace, row: Row): readonly Finding[] {
  const line = namespace.lines.find(row)
  const missing = entriesOf(row, namespace.lines.step).filter(
    ([index, score]) => line?.indexes[index].has({ score, id: row.id }) !== true,
  )
  if (missing.length === 0) return []
  const detail = `${nameOf(row)} does not list it as ${missing.map(([index]) => index).join(', ')}`
  return [{ code: 'unindexed_record', subject: row.id, detail, mend: () => fileAgain(namespace, row) }]
}

function unheld(namespace: Namespace, row: Row, now: number): readonly Finding[] {
  const identity = keyIdentity(row)
  if (identity === null || !holdsKey(row)) return []
  const named = namespace.keys.get(identity)?.id
  if (named === row.id) return []
  const detail = `its key ${keyIn(identity)} names ${named ?? 'nothing'}`
  return [{ code: 'unheld_key', subject: row.id, detail, mend: () => takeIfFree(namespace, { identity, row, now }) }]
}

function fileAgain(namespace: Namespace, row: Row): boolean {
  refile(namespace, row)
  return true
}

function takeIfFree(
  namespace: Namespace,
  { identity, row, now }: { readonly identity: string; readonly row: Row; readonly now: number },
): boolean {
  const isFree = blocking(namespace, identity, now) === null
  const { id, taskName, keyHold } = row
  if (isFree) take(namespace, identity, { id, taskName, hold: keyHold ?? 'active', until: 0 })
  return isFree
}
