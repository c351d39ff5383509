import { checkBoolean, checkId, checkInteger, checkName, checkOneOf, checkOptions, checkText } from './check.ts'
import { invalidArgument } from './errors.ts'
import { checkBytes } from './json.ts'
import { MAX_COUNT, MAX_DURATION_MS, MAX_NAME_LENGTH, MAX_PRIORITY, MAX_TIME, type Limits } from './limits.ts'
import { KEY_HOLDS, KEY_SCOPES } from './record.ts'
import { ON_CONFLICT } from './on-conflict.ts'
import type { TaskRequest } from './request.ts'

const FIELDS = [
  'id', 'taskName', 'queue', 'body', 'priority', 'key', 'keyScope', 'keyHold', 'keyWindowMs', 'onConflict', 'group', 'parentId', 'maxRetries', 'maxRecoveries',
  'requeueOnStale', 'delayMs', 'scheduledAt', 'expiresInMs', 'expiresAt', 'executionBackend', 'executionProfile',
] // prettier-ignore

/** @throws QueueError naming the field under `parameter` and its limit. */
export function checkRequest(parameter: string, request: TaskRequest, limits: Limits): void {
  checkOptions(parameter, request, FIELDS)
  checkFields(parameter, request, limits)
}

/** The same of a request that has every field and no other. */
export function checkFields(parameter: string, request: TaskRequest, limits: Limits): void {
  checkId(`${parameter}.id`, request.id)
  checkName(`${parameter}.taskName`, request.taskName)
  checkName(`${parameter}.queue`, request.queue)
  checkName(`${parameter}.executionBackend`, request.executionBackend)
  checkBody(`${parameter}.body`, request.body, limits)
  checkInteger(`${parameter}.priority`, request.priority, -MAX_PRIORITY, MAX_PRIORITY)
  checkInteger(`${parameter}.maxRetries`, request.maxRetries, 0, MAX_COUNT)
  checkInteger(`${parameter}.maxRecoveries`, request.maxRecoveries, 0, MAX_COUNT)
  checkBoolean(`${parameter}.requeueOnStale`, request.requeueOnStale)
  checkOneOf(`${parameter}.onConflict`, request.onConflict, ON_CONFLICT)
  checkKey(parameter, request, limits)
  for (const name of ['group', 'executionProfile'] as const) {
    const value = request[name]
    if (value !== null) checkText(`${parameter}.${name}`, value, MAX_NAME_LENGTH)
  }
  if (request.parentId !== null) checkId(`${parameter}.parentId`, request.parentId)
  checkWhen(parameter, request)
}

function checkKey(parameter: string, { key, keyScope, keyHold, keyWindowMs }: TaskRequest, limits: Limits): void {
  if (key === null) {
    if (keyScope !== null) throw invalidArgument(`${parameter}.keyScope`, 'needs a key')
    if (keyHold !== null) throw invalidArgument(`${parameter}.keyHold`, 'needs a key')
    if (keyWindowMs !== null) throw invalidArgument(`${parameter}.keyWindowMs`, 'needs a key')
    return
  }
  checkText(`${parameter}.key`, key, limits.keyBytes)
  checkOneOf(`${parameter}.keyScope`, keyScope, KEY_SCOPES)
  if (checkOneOf(`${parameter}.keyHold`, keyHold, KEY_HOLDS) === 'window')
    checkInteger(`${parameter}.keyWindowMs`, keyWindowMs, 1, MAX_DURATION_MS)
  else if (keyWindowMs !== null) throw invalidArgument(`${parameter}.keyWindowMs`, 'needs keyHold window')
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
