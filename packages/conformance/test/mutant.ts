import type { Backend, TaskRecord } from '@millrace/core'

/** A backend with one bug, made of a correct one. */
export interface Mutant {
  /** The bug, as its author would not have noticed it. */
  readonly name: string
  /** Groups of the suite that are likely to notice; they are asked first. */
  readonly near: readonly string[]
  /** The methods that differ. `seen` is shared by all clients of one case. */
  readonly changes: (inner: Backend, seen: TaskRecord[]) => Partial<Backend>
}

/** A copy that lacks one of its members. */
export function without<T extends object>(value: T, name: keyof T): T {
  const copy = { ...value }
  Reflect.deleteProperty(copy, name)
  return copy
}
