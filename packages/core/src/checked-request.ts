import { checkFields } from './check-request.ts'
import type { Limits } from './limits.ts'
import { DEFAULT_EXECUTION_BACKEND, DEFAULT_QUEUE, type KeyHold, type KeyScope } from './record.ts'
import type { OnConflict } from './on-conflict.ts'
import type { TaskRequest, TaskRequestFields } from './request.ts'

type Own = Pick<TaskRequest, 'id' | 'body'>

/** Nobody else has it, so that nobody else can make a request that was not checked. */
const KNOWN: unique symbol = Symbol('known')

/** The same for another record. What both have in common was checked; what is its own must have been: a new id, and a body from `encodeBody`. */
export let sameFor: (request: CheckedRequest, own: Own) => CheckedRequest

/**
 * A request as `taskRequest` makes it: complete, checked against limits, and frozen. It cannot be forged or changed, so the backend that
 * has these limits neither checks nor copies it once more, which would cost a busy producer as much as writing it.
 */
export class CheckedRequest implements TaskRequest {
  /** Whether it is one that was checked against these very limits. */
  static isFor(request: object, limits: Limits): boolean {
    return #limits in request && request.#limits === limits
  }

  readonly #limits: Limits
  readonly id: string
  readonly taskName: string
  readonly queue: string
  readonly body: string
  readonly priority: number
  readonly key: string | null
  readonly keyScope: KeyScope | null
  readonly keyHold: KeyHold | null
  readonly keyWindowMs: number | null
  readonly onConflict: OnConflict
  readonly group: string | null
  readonly parentId: string | null
  readonly maxRetries: number
  readonly maxRecoveries: number
  readonly requeueOnStale: boolean
  readonly delayMs: number | null
  readonly scheduledAt: number | null
  readonly expiresInMs: number | null
  readonly expiresAt: number | null
  readonly executionBackend: string
  readonly executionProfile: string | null

  static {
    sameFor = (request, own) => new CheckedRequest(request, request.#limits, KNOWN, own)
  }

  /** With defaults for what is left out; null is only where null means something. @throws QueueError naming the field under `parameter`. */
  constructor(fields: TaskRequestFields, limits: Limits, parameter: string | typeof KNOWN, { id, body }: Own = fields) {
    const { queue = DEFAULT_QUEUE, priority = 0, onConflict = 'keep', maxRetries = 0, maxRecoveries = 3 } = fields
    const { requeueOnStale = true, executionBackend = DEFAULT_EXECUTION_BACKEND } = fields
    const key = fields.key ?? null
    this.#limits = limits
    this.id = id
    this.taskName = fields.taskName
    this.queue = queue
    this.body = body
    // -0 would be another value than 0 in memory and the same one in every text.
    this.priority = priority === 0 ? 0 : priority
    this.key = key
    this.keyScope = fields.keyScope ?? (key === null ? null : 'task')
    this.keyHold = fields.keyHold ?? (key === null ? null : 'active')
    this.keyWindowMs = fields.keyWindowMs ?? null
    this.onConflict = onConflict
    this.group = fields.group ?? null
    this.parentId = fields.parentId ?? null
    this.maxRetries = maxRetries
    this.maxRecoveries = maxRecoveries
    this.requeueOnStale = requeueOnStale
    this.delayMs = fields.delayMs ?? null
    this.scheduledAt = fields.scheduledAt ?? null
    this.expiresInMs = fields.expiresInMs ?? null
    this.expiresAt = fields.expiresAt ?? null
    this.executionBackend = executionBackend
    this.executionProfile = fields.executionProfile ?? null
    if (parameter !== KNOWN) checkFields(parameter, this, limits)
    Object.freeze(this)
  }
}
