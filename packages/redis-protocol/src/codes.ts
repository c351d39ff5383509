import type { Status, StatusEvent } from '@millrace/core'

/** A status as one character of a packed record. For the life of the stored data. */
export const STATUS_CODES: Readonly<Record<Status, string>> = {
  waiting: 'w',
  pending: 'p',
  scheduled: 's',
  running: 'r',
  completed: 'c',
  failed: 'f',
  cancelled: 'x',
  expired: 'e',
}

/** What brought a record to its status, as one character. For the life of the stored data. */
export const EVENT_CODES: Readonly<Record<StatusEvent, string>> = {
  enqueue: 'e',
  hold: 'h',
  admit: 'a',
  promote: 'p',
  claim: 'c',
  complete: 'd',
  fail: 'f',
  retry: 'r',
  snooze: 'z',
  release: 'l',
  recover: 'v',
  cancel: 'x',
  expire: 't',
  replay: 'y',
  remove: 'm',
}
