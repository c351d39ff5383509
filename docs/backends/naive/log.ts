import {
  decodeNote, MAX_LOG_BYTES, MAX_LOG_ENTRIES, utf8Length, type LogEntry, type Note,
} from '@millrace/core' // prettier-ignore
import type { Row } from './row.ts'
import type { Store } from './store.ts'

/** Keeps what an attempt wrote down, the newest of it. What a repeated call brings again is there already. */
export function noteDown(store: Store, { id, attempt, startedAt }: Row, log: readonly Note[] = []): void {
  const kept = store.logs.get(id) ?? []
  for (const { number, agoMs, text } of log) {
    const last = kept.at(-1)
    if (last?.attempt === attempt && last.number >= number) continue
    kept.push({ attempt, number, at: Math.max(store.now - agoMs, startedAt ?? 0, last?.at ?? 0), text })
  }
  const size = (): number => kept.reduce((bytes, { text }) => bytes + utf8Length(text), 0)
  while (kept.length > MAX_LOG_ENTRIES || size() > MAX_LOG_BYTES) kept.shift()
  if (kept.length > 0) store.logs.set(id, kept)
}

export function logOf(store: Store, id: string): readonly LogEntry[] {
  return (store.logs.get(id) ?? []).map(({ text, ...entry }) => ({ ...entry, ...decodeNote(text) }))
}
