import { decodeNote, MAX_LOG_BYTES, MAX_LOG_ENTRIES, utf8Length, type LogEntry, type Note } from '@millrace/core'
import type { Namespace } from './namespace.ts'
import type { Row } from './row.ts'

/** An entry as it is stored: its values as JSON text. */
export interface StoredNote {
  readonly attempt: number
  readonly number: number
  readonly at: number
  readonly text: string
}

/** Keeps what an attempt wrote down. Of an entry that is there already, because its call was repeated, there is no second one. */
export function noteDown(
  namespace: Namespace,
  row: Row,
  { log, now }: { readonly log: readonly Note[] | undefined; readonly now: number },
): void {
  if (log === undefined || log.length === 0) return
  const { id, attempt, startedAt } = row
  const kept = [...(namespace.logs.get(id) ?? [])]
  for (const { number, agoMs, text } of log) {
    const last = kept.at(-1)
    if (last?.attempt === attempt && last.number >= number) continue
    kept.push({ attempt, number, at: Math.max(now - agoMs, startedAt ?? 0, last?.at ?? 0), text })
  }
  namespace.logs.set(id, newest(kept))
}

/** The newest ones, as many as there is room for. */
function newest(notes: readonly StoredNote[]): readonly StoredNote[] {
  let bytes = 0
  let first = notes.length
  while (first > 0 && notes.length - first < MAX_LOG_ENTRIES) {
    bytes += utf8Length(notes[first - 1]?.text ?? '')
    if (bytes > MAX_LOG_BYTES) break
    first -= 1
  }
  return notes.slice(first)
}

export function logOf({ logs }: Namespace, id: string): readonly LogEntry[] {
  return (logs.get(id) ?? []).map(({ text, ...entry }) => ({ ...entry, ...decodeNote(text) }))
}
