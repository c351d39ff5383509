import type { Group } from '../harness.ts'
import { aging } from './aging.ts'
import { assign } from './assign.ts'
import { attemptFields } from './attempt-fields.ts'
import { badCalls } from './bad-calls.ts'
import { badRequests } from './bad-requests.ts'
import { badTurns } from './bad-turns.ts'
import { cancel } from './cancel.ts'
import { carriedTurns } from './carried-turns.ts'
import { claim } from './claim.ts'
import { cleanup } from './cleanup.ts'
import { endFields } from './end-fields.ts'
import { enqueue } from './enqueue.ts'
import { expiry } from './expiry.ts'
import { extremes } from './extremes.ts'
import { fence } from './fence.ts'
import { garbage } from './garbage.ts'
import { heartbeat, unknownClaims } from './heartbeat.ts'
import { hints } from './hints.ts'
import { keys } from './keys.ts'
import { keyConflicts } from './key-conflicts.ts'
import { keyHolds } from './key-holds.ts'
import { keyResets } from './key-resets.ts'
import { keyScopes } from './key-scopes.ts'
import { lease } from './lease.ts'
import { lifecycle } from './lifecycle.ts'
import { list } from './list.ts'
import { log } from './log.ts'
import { paging } from './list-paging.ts'
import { namespaces } from './namespaces.ts'
import { order } from './order.ts'
import { pause } from './pause.ts'
import { recover } from './recover.ts'
import { replay } from './replay.ts'
import { resend } from './resend.ts'
import { resume } from './resume.ts'
import { scheduling } from './scheduling.ts'
import { statistics } from './statistics.ts'
import { time } from './time.ts'
import { transitions } from './transitions.ts'
import { turn } from './turn.ts'
import { values } from './values.ts'
import { wakeups } from './wakeups.ts'
import { watchEnd } from './watch-end.ts'

/** The table of contents: one group per subject. */
export const groups: readonly Group[] = [
  transitions,
  attemptFields,
  endFields,
  enqueue,
  keys,
  keyScopes,
  keyHolds,
  keyConflicts,
  keyResets,
  claim,
  order,
  aging,
  turn,
  fence,
  heartbeat,
  log,
  unknownClaims,
  recover,
  resend,
  scheduling,
  expiry,
  cancel,
  replay,
  assign,
  statistics,
  list,
  paging,
  cleanup,
  pause,
  resume,
  wakeups,
  hints,
  watchEnd,
  carriedTurns,
  values,
  extremes,
  badRequests,
  badTurns,
  badCalls,
  garbage,
  namespaces,
  lifecycle,
  lease,
  time,
]
