import { corruptRecord, type TaskRecord } from '@millrace/core'
import { unpack } from './packed-record.ts'
import { longId } from './short-id.ts'

/** A record of a reply; null where there is none. */
export interface Entry {
  readonly id: string
  readonly record: TaskRecord | null
  /** false: it cannot be read, and reads as failed. */
  readonly isReadable: boolean
  /** As its header says, also where the rest cannot be read. */
  readonly attempt: number
}

const ENTRIES = '\u001e'
const FIELDS = '\u001f'
const UNREADABLE = 'its stored bytes cannot be read: the header has another form'

/**
 * The records of a reply, in order, as at an instant. What lies aside follows the text in elements of its own, in the same order; the
 * script says what that is, because a record that cannot be read may say anything.
 */
export function readEntries(text: string, extras: readonly string[], now: number): readonly Entry[] {
  if (text === '') return []
  let used = 0
  const next = (): string => extras[used++] ?? ''
  return text
    .slice(1)
    .split(ENTRIES)
    .map((entry) => {
      const [short = '', beat = '', aside = '', stored = ''] = entry.split(FIELDS)
      const id = longId(short) ?? short
      const parts = [...(aside.includes('b') ? [next()] : []), ...(aside.includes('o') ? [next()] : [])]
      const progress = aside.includes('p') ? next() : null
      if (stored === '') return { id, record: null, isReadable: true, attempt: 0 }
      const attempt = Number(stored.split('\t', 2)[1])
      if (aside.includes('u')) return { id, record: corruptRecord(id, UNREADABLE), isReadable: false, attempt }
      return { id, attempt, ...unpack(id, stored, now, { beat, progress, next: () => parts.shift() ?? '' }) }
    })
}
