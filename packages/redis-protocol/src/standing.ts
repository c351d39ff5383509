import type { TaskRecord } from '@millrace/core'
import { unescapeText } from './escape.ts'
import { Header } from './header.ts'
import { kindOf } from './key-codes.ts'
import { lineOf } from './keys.ts'
import { longId } from './short-id.ts'

export const DEFAULT_LINE = 'default|local'
export const DEFAULT_RECOVERIES = 3

/** The fields that follow the due time, which claims and completions leave alone. */
export type Standing = Pick<
  TaskRecord,
  'expiresAt' | 'executionRef' | 'queue' | 'executionBackend' | 'priority' | 'maxRetries' | 'retryCount' | 'maxRecoveries' | 'recoveries' | 'requeueOnStale' |
  'replays' | 'scheduledAt' | 'taskName' | 'key' | 'keyScope' | 'keyHold' | 'executionProfile' | 'group' | 'parentId'
> & { readonly createdAt: number | null } // prettier-ignore

let [lastText, last]: [string, Standing | null] = ['', null]

/** Records that were enqueued alike have the same text here, so that the last one is read once. @throws SyntaxError for what has another form. */
export function standingIn(text: string): Standing {
  if (last !== null && text === lastText) return last
  const standing = readStanding(text)
  ;[lastText, last] = [text, standing]
  return standing
}

function readStanding(text: string): Standing {
  const header = new Header(text, text.length)
  const expiresAt = header.numberOr(null)
  const executionRef = unescapeText(header.text())
  const line = header.text() || DEFAULT_LINE
  const priority = header.signedOr(0)
  const createdAt = header.numberOr(null)
  const maxRetries = header.numberOr(0)
  const retryCount = header.numberOr(0)
  const maxRecoveries = header.numberOr(DEFAULT_RECOVERIES)
  const recoveries = header.numberOr(0)
  const requeue = header.text()
  const replays = header.numberOr(0)
  const scheduledAt = header.numberOr(null)
  /** Whether its enqueue replaced another one: scripts alone want to know. */
  const replaced = header.text()
  const taskName = header.text()
  const keyed = header.text()
  const executionProfile = unescapeText(header.text())
  const group = unescapeText(header.text())
  const parent = header.text()
  const isFlagged = (requeue === '' || requeue === '0') && (replaced === '' || replaced === 'r')
  if (taskName === '' || !line.includes('|') || !isFlagged) throw new SyntaxError('the header has another form')
  return {
    expiresAt,
    executionRef,
    ...lineOf(line),
    priority,
    createdAt,
    maxRetries,
    retryCount,
    maxRecoveries,
    recoveries,
    requeueOnStale: requeue !== '0',
    replays,
    scheduledAt,
    taskName,
    ...keyOf(keyed),
    executionProfile,
    group,
    parentId: parent === '' ? null : longId(parent),
  }
}

const NO_KEY = { key: null, keyScope: null, keyHold: null }

function keyOf(field: string): Pick<TaskRecord, 'key' | 'keyScope' | 'keyHold'> {
  return field === '' ? NO_KEY : { key: unescapeText(field.slice(1)), ...kindOf(field.charAt(0)) }
}
