import type { KeyReference, KeyScope } from '@millrace/core'
import { escapeText } from './escape.ts'

/** Whose key it is: a task's belongs to the task, a namespace's to nobody. No task name is empty or contains a space. */
export function identityOf(scope: KeyScope, taskName: string, escapedKey: string): string {
  return `${scope === 'task' ? taskName : ''} ${escapedKey}`
}

export function referredIdentity(key: KeyReference): string {
  return identityOf(key.scope, key.scope === 'task' ? key.taskName : '', escapeText(key.key))
}

/** The key as it was escaped. */
export function keyIn(identity: string): string {
  return identity.slice(identity.indexOf(' ') + 1)
}
