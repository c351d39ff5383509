import type { KeyScope } from '@millrace/core'
import type { Namespace } from './namespace.ts'
import { isActive, type Row } from './row.ts'

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

/** The id of the record that last took a key; an empty text if the key is free. */
export function lastHolder({ keys }: Namespace, keyed: Keyed): string {
  return keys.get(keyIdentity(keyed) ?? '') ?? ''
}

/** The active record that holds a key. One that ended, is gone or cannot be read holds nothing. */
export function keyHolder(namespace: Namespace, identity: string): Row | null {
  const holder = namespace.readable(namespace.keys.get(identity) ?? '')
  return holder !== null && isActive(holder) ? holder : null
}
