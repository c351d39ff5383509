import {
  encodeNote,
  MAX_LOG_BYTES,
  MAX_LOG_ENTRIES,
  utf8Length,
  type Clock,
  type Limits,
  type Note,
} from '@millrace/core'

/** What one attempt's handler has written down and the backend has not been told. */
export interface Notes {
  /** @throws QueueError for what cannot be stored. */
  write(message: string, data: unknown): void
  /** As they are sent now; undefined if there are none. */
  unsaid(): readonly Note[] | undefined
  /** The backend has them. */
  said(log: readonly Note[]): void
}

interface Entry {
  readonly number: number
  readonly at: number
  readonly text: string
  readonly bytes: number
}

/** Nobody keeps more than the backend does: of a handler that writes without pause the older entries are dropped here already. */
export function createNotes({ clock, limits }: { readonly clock: Clock; readonly limits: Limits }): Notes {
  let entries: Entry[] = []
  let [written, size] = [0, 0]

  return {
    write(message, data) {
      const text = encodeNote(message, data, limits.depth)
      const bytes = utf8Length(text)
      entries.push({ number: (written += 1), at: clock.now(), text, bytes })
      size += bytes
      while (entries.length > MAX_LOG_ENTRIES || size > MAX_LOG_BYTES) size -= entries.shift()?.bytes ?? size
    },
    unsaid() {
      if (entries.length === 0) return undefined
      const now = clock.now()
      return entries.map(({ number, at, text }) => ({ number, agoMs: Math.max(0, now - at), text }))
    },
    said(log) {
      const last = log.at(-1)?.number ?? 0
      entries = entries.filter(({ number }) => number > last)
      size = entries.reduce((sum, { bytes }) => sum + bytes, 0)
    },
  }
}
