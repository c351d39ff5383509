import type { KeyHold, KeyScope } from '@millrace/core'
import type { Namespace } from './namespace.ts'
import { awaitsFirstStart, isActive, type Row } from './row.ts'

/** Who last took a key, and for how long. It stays when that record ends, and some of them when it is gone. */
export interface Reservation {
  readonly id: string
  readonly taskName: string
  readonly hold: KeyHold
  /** When a window ends; 0 for every other hold. */
  readonly until: number
}

interface Keyed {
  readonly taskName?: string
  readonly key: string | null
  readonly keyScope: KeyScope | null
}

/** A task's key belongs to the task, a namespace's to nobody; null without a key. No task name is empty or contains a space. */
export function keyIdentity({ taskName = '', key, keyScope }: Keyed): string | null {
  if (key === null) return null
  return `${keyScope === 'task' ? taskName : ''} ${key}`
}

/** The key as its producer wrote it. */
export function keyIn(identity: string): string {
  return identity.slice(identity.indexOf(' ') + 1)
}

/** The id of the record that last took a key; an empty text if nobody has. */
export function lastHolder({ keys }: Namespace, keyed: Keyed): string {
  return keys.get(keyIdentity(keyed) ?? '')?.id ?? ''
}

/** What keeps others off a key; null if nothing does. */
export function blocking(namespace: Namespace, identity: string, now: number): Reservation | null {
  const found = namespace.keys.get(identity)
  if (found === undefined) return null
  if (outlasts(found)) return isOver(found, now) ? null : found
  const row = namespace.readable(found.id)
  return row !== null && holdsKey(row, found.hold) ? found : null
}

/** Whether a record keeps others off by what it is: not by a window or for ever, which do not ask. One that cannot be read keeps nobody off. */
export function holdsKey(row: Row, hold: KeyHold | null = row.keyHold): boolean {
  return hold === 'active' ? isActive(row) : hold === 'untilStart' && awaitsFirstStart(row)
}

/** Whether it stays when its record is gone. */
export function outlasts({ hold }: Reservation): boolean {
  return hold === 'window' || hold === 'forever'
}

export function isOver({ hold, until }: Reservation, now: number): boolean {
  return hold === 'window' && until <= now
}
