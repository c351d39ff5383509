import {
  checkName,
  checkObject,
  checkOptions,
  createIdMaker,
  decodeBody,
  DEFAULT_LIMITS,
  encodeBody,
  STATUS,
  type JsonCompatible,
  type Task,
  type TaskRecord,
} from '@millrace/core'
import { checkTask } from './check-task.ts'
import { FIELD_CHECKS } from './field-checks.ts'

/** What a builder of a record takes: any field of it but those that the task and the input decide. */
export type RecordFields = Partial<Omit<TaskRecord, 'taskName' | 'kwargs'>>

const START = 1_800_000_000_000
const makeId = createIdMaker({ now: () => START })

/**
 * A record of the task as a handler sees it: claimed once, running. For tests that call a handler without a queue.
 * @throws QueueError as `enqueue` would for an input that cannot be stored, or a field that a record does not have, or not like that.
 */
export function taskRecord<Input>(
  task: Pick<Task<Input, unknown>, 'name' | 'options' | 'types'>,
  input: JsonCompatible<Input>,
  fields: RecordFields = {},
): TaskRecord {
  checkTask(task)
  checkOptions('fields', fields, Object.keys(FIELD_CHECKS))
  for (const [name, check] of Object.entries(FIELD_CHECKS))
    if (Object.hasOwn(fields, name)) check(`fields.${name}`, Reflect.get(fields, name))
  const { queue, priority, retries, maxRecoveries, requeueOnStale, executionBackend, executionProfile } = task.options
  const { kwargs } = decodeBody(encodeBody({ kwargs: checkObject('input', input) }, DEFAULT_LIMITS))
  const { attempt = 1 } = fields
  const record: TaskRecord = {
    id: makeId(),
    taskName: checkName('task.name', task.name),
    queue,
    args: [],
    kwargs,
    metadata: {},
    priority,
    key: null,
    keyScope: null,
    keyHold: null,
    group: null,
    parentId: null,
    status: STATUS.running,
    lastEvent: 'claim',
    attempt,
    maxRetries: retries,
    retryCount: Math.max(0, attempt - 1),
    maxRecoveries,
    recoveries: 0,
    requeueOnStale,
    replays: 0,
    scheduledAt: null,
    expiresAt: null,
    createdAt: START,
    queuedAt: START,
    startedAt: START,
    heartbeatAt: START,
    completedAt: null,
    executionBackend,
    executionProfile,
    executionRef: null,
    workerId: 'worker-of-a-test',
    result: null,
    error: null,
    progress: null,
  }
  return { ...record, ...fields }
}
