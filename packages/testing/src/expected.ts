import {
  checkDuration,
  checkInteger,
  checkObject,
  checkOptions,
  checkTime,
  MAX_COUNT,
  type Duration,
  type Status,
} from '@millrace/core'
import type { EnqueuedRecord } from './enqueued.ts'
import { FIELD_CHECKS, type Check } from './field-checks.ts'
import { differences, matcherOf, type Difference, type Partly } from './partly.ts'

/** What a record has to be like; what is left out may be anything. */
export interface ExpectedRecord<Input> {
  /** Any part of the input, as it was enqueued. Matchers of Vitest, Jest and Bun may stand in it, and for what is compared as it is. */
  readonly input?: Partly<Input>
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly queue?: string
  readonly key?: string | null
  readonly priority?: number
  readonly retries?: number
  readonly status?: Status
  /** How long after its enqueue it is (or was) to run; 0: at once. A retry or a snooze has another instant. */
  readonly delay?: Duration
  readonly scheduledAt?: Date | number
}

export interface Expected<Input> extends ExpectedRecord<Input> {
  /** Exactly so many; default: one or more. */
  readonly count?: number
}

const RECORD = ['input', 'metadata', 'queue', 'key', 'priority', 'retries', 'status', 'delay', 'scheduledAt']

/** What is compared as it is given. Where a record never has such a value, nothing would be found, and nobody would wonder. */
const PLAIN: Readonly<Record<string, Check>> = {
  input: checkObject,
  metadata: FIELD_CHECKS.metadata,
  queue: FIELD_CHECKS.queue,
  key: FIELD_CHECKS.key,
  priority: FIELD_CHECKS.priority,
  retries: FIELD_CHECKS.maxRetries,
  status: FIELD_CHECKS.status,
}

/** The same in the words of a record. @throws QueueError `invalid_argument` for what is not known, or what no record has. */
export interface CheckedExpectation {
  readonly count: number | null
  /** As people wrote it, for the message. */
  readonly written: readonly (readonly [name: string, value: unknown])[]
  differencesOf(record: EnqueuedRecord<unknown>): readonly Difference[]
}

export function checkExpected(
  expected: Omit<Expected<never>, 'input'> & { readonly input?: unknown },
  names: readonly string[] = RECORD,
): CheckedExpectation {
  checkOptions('expected', expected, names)
  const { count, delay, scheduledAt, ...plain } = expected
  const number = count === undefined ? null : checkInteger('expected.count', count, 0, MAX_COUNT)
  for (const [name, check] of Object.entries(PLAIN)) {
    const value: unknown = Reflect.get(plain, name)
    if (value !== undefined && matcherOf(value) === null) check(`expected.${name}`, value)
  }
  const wanted: readonly (readonly [string, unknown])[] = [
    ...Object.entries(plain),
    ...(delay === undefined ? [] : [['delay', checkDuration('expected.delay', delay)] as const]),
    ...(scheduledAt === undefined ? [] : [['scheduledAt', checkTime('expected.scheduledAt', scheduledAt)] as const]),
  ].filter(([, value]) => value !== undefined)
  return {
    count: number,
    written: Object.entries(expected).filter(([name, value]) => name !== 'count' && value !== undefined),
    differencesOf(record) {
      const { maxRetries: retries, scheduledAt: at, createdAt } = record
      const seen = { ...record, retries, delay: at === null ? 0 : Math.max(0, at - createdAt) }
      return wanted.flatMap(([name, value]) => differences(name, Reflect.get(seen, name), value))
    },
  }
}

/** The names that `assertEnqueued` takes. */
export const WITH_COUNT: readonly string[] = [...RECORD, 'count']
