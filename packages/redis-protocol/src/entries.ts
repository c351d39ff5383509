import { corruptRecord, type TaskRecord } from '@millrace/core'
import { unpack, type Aside } from './packed-record.ts'
import { ID_LENGTH, longId } from './short-id.ts'

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
/** Nothing lies aside. */
const NOTHING = (): string => ''
const UNREADABLE = 'its stored bytes cannot be read: the header has another form'

/**
 * The records of a reply, in order, as at an instant. What lies aside follows the text in elements of its own, in the same order; the
 * script says what that is, because a record that cannot be read may say anything.
 */
export function readEntries(text: string, extras: readonly string[], now: number): readonly Entry[] {
  const entries: Entry[] = []
  let used = 0
  const next = (): string => extras[used++] ?? ''
  for (let at = 1; at < text.length;) {
    const beatAt = text.indexOf(FIELDS, at) + 1
    const asideAt = text.indexOf(FIELDS, beatAt) + 1
    const storedAt = text.indexOf(FIELDS, asideAt) + 1
    const end = endOf(text, storedAt)
    const short = text.slice(at, beatAt - 1)
    const beat = text.slice(beatAt, asideAt - 1)
    const aside = text.slice(asideAt, storedAt - 1)
    entries.push(entryOf(longId(short) ?? short, text.slice(storedAt, end), now, { beat, aside, next }))
    at = end + 1
  }
  return entries
}

/**
 * The records of a plain claim, in order: their stored ids one behind the other, their texts, then the bodies of those that lie aside. Their
 * heartbeat is their start. Whether a body lies aside is seen as the script sees it, since a record that cannot be read may not ask for its own.
 */
export function readClaimed(ids: string, texts: readonly string[], now: number): readonly Entry[] {
  const entries: Entry[] = []
  let bodyAt = ids.length / ID_LENGTH
  for (let at = 0; at < ids.length; at += ID_LENGTH) {
    const short = ids.slice(at, at + ID_LENGTH)
    const stored = texts[at / ID_LENGTH] ?? ''
    entries.push(readEntry(longId(short) ?? short, stored, now, liesAside(stored) ? bodyIn(texts[bodyAt++]) : STARTED))
  }
  return entries
}

/** Of a record that was started this moment, and has all of it in its text. */
const STARTED: Aside = { beat: null, progress: null, next: NOTHING }

function bodyIn(text = ''): Aside {
  return { ...STARTED, next: () => text }
}

/** Whether the body of a stored record lies aside, as scripts see it. */
export function liesAside(stored: string): boolean {
  return stored.endsWith('\n')
}

function endOf(text: string, from: number): number {
  const end = text.indexOf(ENTRIES, from)
  return end < 0 ? text.length : end
}

interface Beside {
  readonly beat: string
  /** What lies aside: b a body, o an outcome, p progress; u if scripts cannot read the record. */
  readonly aside: string
  readonly next: () => string
}

function entryOf(id: string, stored: string, now: number, { beat, aside, next }: Beside): Entry {
  if (aside === '' && stored !== '') return readEntry(id, stored, now, { beat, progress: null, next: NOTHING })
  const parts = [...(aside.includes('b') ? [next()] : []), ...(aside.includes('o') ? [next()] : [])]
  const progress = aside.includes('p') ? next() : null
  if (stored === '') return { id, record: null, isReadable: true, attempt: 0 }
  if (aside.includes('u')) return unreadable(id, stored, corruptRecord(id, UNREADABLE))
  return readEntry(id, stored, now, { beat, progress, next: () => parts.shift() ?? '' })
}

function readEntry(id: string, stored: string, now: number, aside: Aside): Entry {
  const { record, isReadable } = unpack(id, stored, now, aside)
  return isReadable ? { id, record, isReadable, attempt: record.attempt } : unreadable(id, stored, record)
}

function unreadable(id: string, stored: string, record: TaskRecord): Entry {
  return { id, record, isReadable: false, attempt: Number(stored.split('\t', 2)[1]) }
}
