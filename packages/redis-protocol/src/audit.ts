import { cursorPosition, cursorText, type AuditPage, type AuditQuery, type Violation } from '@millrace/core'
import type { Caller } from './caller.ts'
import { inspectControls, inspectIndex, inspectKeys, inspectRecords, type Inspection } from './inspection.ts'
import { LINE_KEYS } from './keys.ts'
import { linesMatching } from './known-lines.ts'

interface Position {
  /** What is being looked at: records, keys, or an index of a line. */
  readonly name: string
  /** Where in it: the cursor of a scan, or 0. */
  readonly scan: string
  /** How many of what that gives have been looked at. */
  readonly offset: number
}

/**
 * One page of what is wrong: first records, then keys, because a key that its record takes again dangles no more, then every index entry, then what is paused.
 * With `repair`, what has one right answer is mended.
 */
export async function audit(caller: Caller, query: AuditQuery & { readonly limit: number }): Promise<AuditPage> {
  const { repair = false, cursor = null, limit } = query
  let position: Position | null = cursor === null ? START : positionIn(cursor)
  const names = await namesOf(caller)
  const violations: Violation[] = []
  let examined = 0
  while (position !== null && examined < limit) {
    const { name, scan, offset }: Position = position
    const request = { caller, scan, offset, limit: limit - examined, repair }
    const inspection: Inspection = await inspect(name, request)
    violations.push(...inspection.violations)
    examined += inspection.examined
    position = inspection.next === null ? nextOf(names, name) : { name, ...inspection.next }
  }
  return { violations, examined, cursor: position === null ? null : textOf(position) }
}

const RECORDS = '1 records'
const KEYS = '2 keys'
const INDEX = '3 '
const CONTROLS = '4 controls'
const START: Position = { name: RECORDS, scan: '0', offset: 0 }

interface InspectionRequest {
  readonly caller: Caller
  readonly scan: string
  readonly offset: number
  readonly limit: number
  readonly repair: boolean
}

async function inspect(name: string, request: InspectionRequest): Promise<Inspection> {
  if (name === RECORDS) return await inspectRecords(request)
  if (name === KEYS) return await inspectKeys(request)
  if (name === CONTROLS) return await inspectControls(request)
  const [line = '', index = ''] = name.slice(INDEX.length).split(' ')
  return await inspectIndex({ ...request, line, index })
}

/** In the order of their names. */
async function namesOf(caller: Caller): Promise<readonly string[]> {
  const lines = await linesMatching(caller)
  const indexes = LINE_KEYS.filter((index) => index !== 'wake')
  const all = lines.flatMap((line) => indexes.map((index) => `${INDEX}${line} ${index}`))
  return [RECORDS, KEYS, ...all, CONTROLS].toSorted()
}

function nextOf(names: readonly string[], name: string): Position | null {
  const next = names.find((one) => one > name)
  return next === undefined ? null : { name: next, scan: '0', offset: 0 }
}

function textOf({ name, scan, offset }: Position): string {
  return cursorText('audit', `${scan} ${offset} ${name}`)
}

function positionIn(cursor: string): Position {
  const [, scan = '0', offset = '0', name = RECORDS] =
    /^(\d+) (\d+) (.*)$/s.exec(cursorPosition('audit.cursor', 'audit', cursor)) ?? []
  return { name, scan, offset: Number(offset) }
}
