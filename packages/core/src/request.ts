import {
  checkBoolean,
  checkId,
  checkInteger,
  checkName,
  checkObject,
  checkOneOf,
  checkOptions,
  checkText,
} from './check.ts'
import { CheckedRequest } from './checked-request.ts'
import { invalidArgument } from './errors.ts'
import { checkBytes } from './json.ts'
import { MAX_COUNT, MAX_DURATION_MS, MAX_NAME_LENGTH, MAX_PRIORITY, MAX_TIME, type Limits } from './limits.ts'
import type { KeyScope } from './record.ts'

/** What to do when an active record holds the key. `extend` is reserved. */
export type OnConflict = 'keep' | 'replace'

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
  return new CheckedRequest(checkObject(parameter, fields), limits, (request) =>
    checkFields(parameter, request, limits),
  )
}

const FIELDS = [
  'id', 'taskName', 'queue', 'body', 'priority', 'key', 'keyScope', 'onConflict', 'group', 'parentId', 'maxRetries', 'maxRecoveries',
  'requeueOnStale', 'delayMs', 'scheduledAt', 'expiresInMs', 'expiresAt', 'executionBackend', 'executionProfile',
] // prettier-ignore

/** @throws QueueError naming the field under `parameter` and its limit. */
export function checkRequest(parameter: string, request: TaskRequest, limits: Limits): void {
  checkOptions(parameter, request, FIELDS)
  checkFields(parameter, request, limits)
}

function checkFields(parameter: string, request: TaskRequest, limits: Limits): void {
  checkId(`${parameter}.id`, request.id)
  checkName(`${parameter}.taskName`, request.taskName)
  checkName(`${parameter}.queue`, request.queue)
  checkName(`${parameter}.executionBackend`, request.executionBackend)
  checkBody(`${parameter}.body`, request.body, limits)
  checkInteger(`${parameter}.priority`, request.priority, -MAX_PRIORITY, MAX_PRIORITY)
  checkInteger(`${parameter}.maxRetries`, request.maxRetries, 0, MAX_COUNT)
  checkInteger(`${parameter}.maxRecoveries`, request.maxRecoveries, 0, MAX_COUNT)
  checkBoolean(`${parameter}.requeueOnStale`, request.requeueOnStale)
  checkOneOf(`${parameter}.onConflict`, request.onConflict, ['keep', 'replace'])
  if (request.key !== null) {
    checkText(`${parameter}.key`, request.key, limits.keyBytes)
    checkOneOf(`${parameter}.keyScope`, request.keyScope, ['task', 'namespace'])
  } else if (request.keyScope !== null) {
    throw invalidArgument(`${parameter}.keyScope`, 'needs a key')
  }
  for (const name of ['group', 'executionProfile'] as const) {
    const value = request[name]
    if (value !== null) checkText(`${parameter}.${name}`, value, MAX_NAME_LENGTH)
  }
  if (request.parentId !== null) checkId(`${parameter}.parentId`, request.parentId)
  checkWhen(parameter, request)
}

function checkBody(parameter: string, body: unknown, limits: Limits): void {
  if (typeof body !== 'string' || body === '') throw invalidArgument(parameter, 'must be a text made by encodeBody')
  checkBytes(parameter, body, limits.payloadBytes)
}

function checkWhen(parameter: string, { delayMs, scheduledAt, expiresInMs, expiresAt }: TaskRequest): void {
  if (delayMs !== null) checkInteger(`${parameter}.delayMs`, delayMs, 0, MAX_DURATION_MS)
  if (scheduledAt !== null) checkInteger(`${parameter}.scheduledAt`, scheduledAt, 0, MAX_TIME)
  if (expiresInMs !== null) checkInteger(`${parameter}.expiresInMs`, expiresInMs, 0, MAX_DURATION_MS)
  if (expiresAt !== null) checkInteger(`${parameter}.expiresAt`, expiresAt, 0, MAX_TIME)
  if (delayMs !== null && scheduledAt !== null)
    throw invalidArgument(`${parameter}.delayMs`, 'cannot be combined with scheduledAt')
  if (expiresInMs !== null && expiresAt !== null)
    throw invalidArgument(`${parameter}.expiresInMs`, 'cannot be combined with expiresAt')
}
