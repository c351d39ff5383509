import type { Violation } from '@millrace/core'
import { keyHolder, keyIdentity, keyIn } from './key.ts'
import { entriesOf, isFiledAt } from './filing.ts'
import { nameOf, type Place } from './lines.ts'
import { refile } from './move.ts'
import type { Namespace } from './namespace.ts'
import { isActive, readStored, type Garbage, type Row } from './row.ts'

/** Something wrong, and how to mend it if there is one right answer; mending answers whether that could be done. */
export interface Finding extends Omit<Violation, 'repaired'> {
  readonly mend?: () => boolean
}

export function recordFindings(namespace: Namespace, id: string, stored: Row | Garbage): readonly Finding[] {
  const read = readStored(stored, 0)
  if ('defect' in read) return [{ code: 'corrupt_record', subject: id, detail: read.defect }]
  return typeof stored === 'string' ? [] : [...unindexed(namespace, stored), ...unheld(namespace, stored)]
}

/** A key that names no record is free: nothing is lost with it. */
export function keyFindings({ rows, keys }: Namespace, identity: string, id: string): readonly Finding[] {
  if (rows.has(id)) return []
  const detail = `it names ${id}, which does not exist`
  return [{ code: 'dangling_key', subject: keyIn(identity), detail, mend: () => keys.delete(identity) }]
}

/** What cannot be read may be filed anywhere; it is reported as a record. */
export function entryFindings(namespace: Namespace, { line, index, score, id }: Place): readonly Finding[] {
  const stored = namespace.rows.get(id)
  if (typeof stored === 'string' || (stored !== undefined && isFiledAt(stored, { index, score }))) return []
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
  const missing = entriesOf(row).filter(([index, score]) => line?.indexes[index].has({ score, id: row.id }) !== true)
  if (missing.length === 0) return []
  const detail = `${nameOf(row)} does not list it as ${missing.map(([index]) => index).join(', ')}`
  return [{ code: 'unindexed_record', subject: row.id, detail, mend: () => fileAgain(namespace, row) }]
}

function unheld(namespace: Namespace, row: Row): readonly Finding[] {
  const identity = keyIdentity(row)
  if (identity === null || !isActive(row) || namespace.keys.get(identity) === row.id) return []
  const detail = `its key ${keyIn(identity)} names ${namespace.keys.get(identity) ?? 'nothing'}`
  return [{ code: 'unheld_key', subject: row.id, detail, mend: () => takeIfFree(namespace, identity, row.id) }]
}

function fileAgain(namespace: Namespace, row: Row): boolean {
  refile(namespace, row)
  return true
}

function takeIfFree(namespace: Namespace, identity: string, id: string): boolean {
  const isFree = keyHolder(namespace, identity) === null
  if (isFree) namespace.keys.set(identity, id)
  return isFree
}
