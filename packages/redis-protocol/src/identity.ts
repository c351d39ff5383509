import type { KeyScope } from '@millrace/core'

/** Whose key it is: a task's belongs to the task, a namespace's to nobody. No task name is empty or contains a space. */
export function identityOf(scope: KeyScope, taskName: string, escapedKey: string): string {
  return `${scope === 'task' ? taskName : ''} ${escapedKey}`
}

/** The key as it was escaped. */
export function keyIn(identity: string): string {
  return identity.slice(identity.indexOf(' ') + 1)
}
