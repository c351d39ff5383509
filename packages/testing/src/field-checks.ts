import {
  checkBoolean,
  checkInteger,
  checkName,
  checkObject,
  checkOneOf,
  checkTime,
  invalidArgument,
  KEY_HOLDS,
  KEY_SCOPES,
  MAX_COUNT,
  MAX_PRIORITY,
  STATUSES,
  TRANSITIONS,
  type TaskRecord,
} from '@millrace/core'

/** @throws QueueError `invalid_argument` naming the parameter and what is allowed. */
export type Check = (parameter: string, value: unknown) => unknown

const count: Check = (parameter, value) => checkInteger(parameter, value, 0, MAX_COUNT)
const text: Check = (parameter, value) => {
  if (typeof value !== 'string' || value === '') throw invalidArgument(parameter, 'must be a text that is not empty')
}
const orNull =
  (check: Check): Check =>
  (parameter, value) =>
    value === null || check(parameter, value)
const oneOf =
  (allowed: readonly string[]): Check =>
  (parameter, value) =>
    checkOneOf(parameter, value, allowed)
const anything: Check = () => undefined

/** What each field of a record may hold, as far as a test may make one up. */
export const FIELD_CHECKS: Readonly<Record<Exclude<keyof TaskRecord, 'taskName' | 'kwargs'>, Check>> = {
  id: text,
  queue: checkName,
  args: (parameter, value) => {
    if (!Array.isArray(value)) throw invalidArgument(parameter, 'must be an array')
  },
  metadata: checkObject,
  priority: (parameter, value) => checkInteger(parameter, value, -MAX_PRIORITY, MAX_PRIORITY),
  key: orNull(text),
  keyScope: orNull(oneOf(KEY_SCOPES)),
  keyHold: orNull(oneOf(KEY_HOLDS)),
  group: orNull(text),
  parentId: orNull(text),
  status: oneOf(STATUSES),
  lastEvent: oneOf(Object.keys(TRANSITIONS)),
  attempt: (parameter, value) => checkInteger(parameter, value, 1, MAX_COUNT),
  maxRetries: count,
  retryCount: count,
  maxRecoveries: count,
  recoveries: count,
  requeueOnStale: checkBoolean,
  replays: count,
  scheduledAt: orNull(checkTime),
  expiresAt: orNull(checkTime),
  createdAt: checkTime,
  queuedAt: checkTime,
  startedAt: orNull(checkTime),
  heartbeatAt: orNull(checkTime),
  completedAt: orNull(checkTime),
  executionBackend: checkName,
  executionProfile: orNull(text),
  executionRef: orNull(text),
  workerId: orNull(text),
  result: anything,
  error: anything,
  progress: anything,
}
