import { DEFAULT_LIMITS, taskRequest, type TaskRequest, type TaskRequestFields } from '@millrace/core'

/** Valid ids that differ in their last digits. */
export function idOf(n: number): string {
  return `019b76da-a800-7000-8000-${n.toString(16).padStart(12, '0')}`
}

export const ID = idOf(1)

export function sampleRequest(fields: Partial<TaskRequestFields> = {}): TaskRequest {
  return taskRequest({ id: ID, taskName: 'email.send', body: '{}', ...fields }, DEFAULT_LIMITS)
}
