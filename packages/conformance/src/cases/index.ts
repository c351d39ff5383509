import type { Group } from '../harness.ts'
import { attemptFields } from './attempt-fields.ts'
import { claim } from './claim.ts'
import { endFields } from './end-fields.ts'
import { enqueue } from './enqueue.ts'
import { fence } from './fence.ts'
import { heartbeat, unknownClaims } from './heartbeat.ts'
import { keyScopes } from './key-scopes.ts'
import { keys } from './keys.ts'
import { order } from './order.ts'
import { recover } from './recover.ts'
import { resend } from './resend.ts'
import { transitions } from './transitions.ts'
import { turn } from './turn.ts'

/** The table of contents: one group per subject. */
export const groups: readonly Group[] = [
  transitions,
  attemptFields,
  endFields,
  enqueue,
  keys,
  keyScopes,
  claim,
  order,
  turn,
  fence,
  heartbeat,
  unknownClaims,
  recover,
  resend,
]
