import type { KeyReset, TaskRequest } from '@millrace/core'
import { blocking, isOver, outlasts, type Reservation } from './key.ts'
import type { Namespace } from './namespace.ts'
import { isQueued, type Row } from './row.ts'

/*
 * The only writers of keys. `windows` lists the keys whose window outlasts their record, by when it ends: nothing else leads to them.
 */

/** The record that a request takes the place of: it still waits, is of the same task, and no other hold than its own ends what outlasts it. */
export function replaceable(namespace: Namespace, taken: Reservation, request: TaskRequest): Row | null {
  const row = namespace.readable(taken.id)
  if (row === null || !isQueued(row) || row.taskName !== request.taskName || request.onConflict === 'keep') return null
  return outlasts(taken) && taken.hold !== request.keyHold ? null : row
}

/** Gives a key to a record. A window that is replaced goes on; extended, it begins anew. */
export function reserve(
  namespace: Namespace,
  { id, taskName, keyHold, keyWindowMs, onConflict }: TaskRequest,
  { identity, now }: { readonly identity: string; readonly now: number },
): void {
  const taken = blocking(namespace, identity, now)
  const goesOn = keyHold === 'window' && taken?.hold === 'window' && onConflict === 'replace'
  const until = goesOn ? taken.until : keyWindowMs === null ? 0 : now + keyWindowMs
  take(namespace, identity, { id, taskName, hold: keyHold ?? 'active', until })
}

export function take(namespace: Namespace, identity: string, reservation: Reservation): void {
  unlist(namespace, identity)
  namespace.keys.set(identity, reservation)
}

/** The record goes: its key stays if that is still its own, and taken for some time yet. */
export function leaveKey(
  namespace: Namespace,
  identity: string,
  { id, now }: { readonly id: string; readonly now: number },
): void {
  const found = namespace.keys.get(identity)
  if (found === undefined || found.id !== id) return
  if (!outlasts(found) || isOver(found, now)) namespace.keys.delete(identity)
  else list(namespace, identity, found)
}

/** So that a sweep finds it. */
export function list({ windows }: Namespace, identity: string, { hold, until }: Reservation): void {
  if (hold === 'window') windows.add({ score: until, id: identity })
}

/** Removes keys whose window has ended since their record went, the longest ended first. Answers whether some are left. */
export function forgetWindows(namespace: Namespace, limit: number, now: number): boolean {
  let left = limit
  for (const { score, id: identity } of namespace.windows.ascending()) {
    if (score > now) return false
    if (left-- === 0) return true
    remove(namespace, identity)
  }
  return false
}

/** Frees what a window or `forever` takes. */
export function resetKey(namespace: Namespace, identity: string, now: number): KeyReset {
  const taken = blocking(namespace, identity, now)
  if (taken === null) return 'free'
  if (!outlasts(taken)) return 'refused'
  remove(namespace, identity)
  return 'reset'
}

function remove(namespace: Namespace, identity: string): void {
  unlist(namespace, identity)
  namespace.keys.delete(identity)
}

function unlist({ keys, windows }: Namespace, identity: string): void {
  windows.delete({ score: keys.get(identity)?.until ?? 0, id: identity })
}
