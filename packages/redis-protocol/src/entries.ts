import type { TaskRecord } from '@millrace/core'
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

/** The records of a reply, in order, as at an instant. What lies aside follows the text in elements of its own, in the same order. */
export function readEntries(text: string, extras: readonly string[], now: number): readonly Entry[] {
  if (text === '') return []
  let used = 0
  const next = (): string => extras[used++] ?? ''
  return text
    .slice(1)
    .split(ENTRIES)
    .map((entry) => {
      const [short = '', beat = '', reported = '', stored = ''] = entry.split(FIELDS)
      const id = longId(short) ?? short
      if (stored === '') return { id, record: null, isReadable: true, attempt: 0 }
      const aside = asideOf(stored, next)
      const progress = reported === '' ? null : next()
      const attempt = Number(stored.split('\t', 2)[1])
      return { id, attempt, ...unpack(id, stored, now, { beat, progress, next: () => aside.shift() ?? '' }) }
    })
}

/** Takes what belongs to a record, also where the record itself cannot be read: what follows belongs to the next one. */
function asideOf(stored: string, next: () => string): string[] {
  const headerEnd = stored.indexOf('\n')
  const outcome = stored.charAt(headerEnd + 1)
  const hasBodyAside = headerEnd >= 0 && stored.endsWith('\n')
  const hasOutcomeAside = headerEnd >= 0 && (outcome === 'R' || outcome === 'E')
  return [...(hasBodyAside ? [next()] : []), ...(hasOutcomeAside ? [next()] : [])]
}
