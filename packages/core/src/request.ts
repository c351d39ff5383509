import { checkObject } from './check.ts'
import { CheckedRequest } from './checked-request.ts'
import type { Limits } from './limits.ts'
import type { OnConflict } from './on-conflict.ts'
import type { KeyHold, KeyScope } from './record.ts'

/** A record as its producer asks for it. Made by `taskRequest`, complete and checked. */
export interface TaskRequest {
  readonly id: string
  readonly taskName: string
  readonly queue: string
  /** args, kwargs and metadata as one JSON text from `encodeBody`; no backend looks into it. */
  readonly body: string
  readonly priority: number
  readonly key: string | null
  readonly keyScope: KeyScope | null
  readonly keyHold: KeyHold | null
  /** How long a `window` lasts from the instant at which the backend takes the request; null for every other hold. */
  readonly keyWindowMs: number | null
  readonly onConflict: OnConflict
  readonly group: string | null
  readonly parentId: string | null
  readonly maxRetries: number
  readonly maxRecoveries: number
  readonly requeueOnStale: boolean
  /** Due this long after the backend takes it; or `scheduledAt`, never both. */
  readonly delayMs: number | null
  readonly scheduledAt: number | null
  /** Too late to start for the first time this long after the backend takes it; or `expiresAt`, never both. */
  readonly expiresInMs: number | null
  readonly expiresAt: number | null
  readonly executionBackend: string
  readonly executionProfile: string | null
}

type Required = 'id' | 'taskName' | 'body'
export type TaskRequestFields = Pick<TaskRequest, Required> & Partial<Omit<TaskRequest, Required>>

/** Fills in the defaults and checks. The answer is frozen. @throws QueueError naming the field, as a part of `parameter`, and its limit. */
export function taskRequest(fields: TaskRequestFields, limits: Limits, parameter = 'request'): TaskRequest {
  return new CheckedRequest(checkObject(parameter, fields), limits, parameter)
}
