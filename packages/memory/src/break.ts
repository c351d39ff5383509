import type { Backend } from '@millrace/core'
import { innerOf } from './memory-backend.ts'

/** Faults made on purpose, for tests of those who must survive them. */
export interface Break {
  /** Everything that the backend's watches wait for is hinted once, as after a lost connection. */
  dropConnections(): Promise<void>
  /** The record stays, its index entries vanish. */
  forgetIndex(id: string): Promise<void>
  /** The record vanishes, its index entries and its key stay. */
  forgetRecord(id: string): Promise<void>
  /** The record's bytes become unreadable. */
  writeGarbage(id: string): Promise<void>
  /** The next call takes effect and rejects with an indeterminate `connection`. Resolves to what tells whether that has happened. */
  swallowNextReply(): Promise<() => Promise<boolean>>
}

/** The faults that a memory backend can be given. @throws TypeError for any other backend. */
export function breakOf(backend: Backend): Break {
  const inner = innerOf(backend)
  return {
    async dropConnections() {
      for (const watch of inner.watches) watch.tellAll()
    },
    async forgetIndex(id) {
      const row = inner.namespace.readable(id)
      if (row !== null) inner.namespace.lines.unfile(row)
    },
    async forgetRecord(id) {
      inner.namespace.rows.delete(id)
    },
    async writeGarbage(id) {
      if (inner.namespace.rows.has(id)) inner.namespace.rows.set(id, `{"id":"${id}","taskN`)
    },
    async swallowNextReply() {
      inner.losesNextReply = true
      return async () => !inner.losesNextReply
    },
  }
}
