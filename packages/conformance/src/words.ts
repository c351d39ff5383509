import assert from 'node:assert/strict'
import type { ClaimLine, Json, SweepRequest, TaskRequestFields } from '@millrace/core'

/** A request with its body in parts; everything may be left out. */
export interface RequestFields extends Partial<Omit<TaskRequestFields, 'body'>> {
  readonly args?: readonly unknown[]
  readonly kwargs?: object
  readonly metadata?: object
}

export type SweepParts<What extends SweepRequest['what']> = Partial<Omit<Extract<SweepRequest, { what: What }>, 'what'>>

export const DEFAULT_LINE: ClaimLine = { queue: 'default', executionBackend: 'local' }

/** The silence after which the sweeps of the suite take a holder for dead. */
export const STALE_AFTER_MS = 30_000

export function present<T>(value: T | null | undefined, message = 'a value was expected'): T {
  assert.ok(value !== null && value !== undefined, message)
  return value
}

export function ids(records: readonly { readonly id: string }[]): readonly string[] {
  return records.map(({ id }) => id)
}

export function jsonOf(value: Json): string {
  return JSON.stringify(value)
}
