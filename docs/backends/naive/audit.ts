import { cursorPosition, cursorText, type AuditPage, type AuditQuery, type Violation } from '@millrace/core'
import { holdsKey, keyName, lineName } from './row.ts'
import type { Store } from './store.ts'

/** Something to look at: its name gives the order, and is where the next page goes on. */
interface Inspection {
  readonly name: string
  readonly look: () => Finding | null
}

interface Finding extends Omit<Violation, 'repaired'> {
  readonly mend?: () => void
}

/** Every record, key and index entry is looked at once. What has one right answer is mended if that is asked for. */
export function audit(store: Store, { repair = false, cursor = null, limit = 1_000 }: AuditQuery): AuditPage {
  const from = cursor === null ? '' : cursorPosition('audit.cursor', 'audit', cursor)
  const left = inspectionsOf(store)
    .filter(({ name }) => name > from)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const page = left.slice(0, limit)
  const violations = page.flatMap(({ look }): readonly Violation[] => {
    const finding = look()
    if (finding === null) return []
    const { mend, ...found } = finding
    const repaired = repair && mend !== undefined
    if (repaired) mend()
    return [{ ...found, repaired }]
  })
  const last = page.at(-1)
  return {
    violations,
    examined: page.length,
    cursor: last === undefined || page.length === left.length ? null : cursorText('audit', last.name),
  }
}

function inspectionsOf(store: Store): readonly Inspection[] {
  const records = [...store.texts.keys()].map((id) => ({ name: `1 ${id}`, look: () => record(store, id) }))
  // A cursor is made of Latin letters; a key of any.
  const keys = [...store.keys].map(([key, { id, hold }]) => ({
    name: `2 ${encodeURIComponent(key)}`,
    look: () => (hold === 'window' || hold === 'forever' ? null : dangling(store, key, id)),
  }))
  const entries = [...store.lines].flatMap(([line, ids]) =>
    [...ids].map((id) => ({ name: `3 ${line} ${id}`, look: () => entry(store, line, id) })),
  )
  return [...records, ...keys, ...entries]
}

function record(store: Store, id: string): Finding | null {
  const row = store.row(id)
  if (row === null) return { code: 'corrupt_record', subject: id, detail: 'its text cannot be read' }
  const line = lineName(row)
  if (store.lines.get(line)?.has(id) !== true) {
    return {
      code: 'unindexed_record',
      subject: id,
      detail: `${line} does not list it`,
      mend: () => void store.put(row),
    }
  }
  const key = keyName(row)
  const named = store.keys.get(key)?.id
  if (key === '' || !holdsKey(row) || named === id) return null
  const found = {
    code: 'unheld_key' as const,
    subject: id,
    detail: `its key names ${named ?? 'nothing'}`,
  }
  const { taskName, keyHold } = row
  const take = (): void => void store.keys.set(key, { id, taskName, hold: keyHold ?? 'active', until: 0 })
  return store.blocking(key) === null ? { ...found, mend: take } : found
}

function dangling(store: Store, key: string, id: string): Finding | null {
  if (store.texts.has(id)) return null
  const subject = key.slice(key.indexOf(' ') + 1)
  return {
    code: 'dangling_key',
    subject,
    detail: `it names ${id}, which does not exist`,
    mend: () => void store.keys.delete(key),
  }
}

function entry(store: Store, line: string, id: string): Finding | null {
  const row = store.row(id)
  if (row === null ? store.texts.has(id) : lineName(row) === line) return null
  const detail = `${line} lists it, but ${row === null ? 'there is no such record' : `it is in ${lineName(row)}`}`
  return { code: 'dangling_index', subject: id, detail, mend: () => store.drop(id, line) }
}
