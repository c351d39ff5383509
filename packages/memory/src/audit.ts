import { cursorPosition, cursorText, type AuditPage, type AuditQuery, type Violation } from '@millrace/core'
import { inspectionsOf } from './inspection.ts'
import type { Namespace } from './namespace.ts'

/**
 * One page of what is wrong. Every record, key and index entry is looked at once, in this order; with `repair`, what has one right
 * answer is mended. A place is a count, so while others remove or claim between two pages some may be missed: the next audit has them.
 */
export function audit(namespace: Namespace, query: AuditQuery & { readonly limit: number }, now: number): AuditPage {
  const { repair = false, cursor = null, limit } = query
  const from = cursor === null ? { offset: 0, name: '' } : placeIn(cursor)
  const violations: Violation[] = []
  let examined = 0
  for (const inspection of inspectionsOf(namespace, now)) {
    if (inspection.name < from.name) continue
    const offset = inspection.name === from.name ? from.offset : 0
    const size = inspection.size()
    const step = inspection.look(offset, limit - examined)
    for (const { mend, ...found } of step.findings) violations.push({ ...found, repaired: repair && mend?.() === true })
    examined += step.examined
    const gone = size - inspection.size()
    if (examined === limit) {
      return {
        violations,
        examined,
        cursor: cursorText('audit', `${offset + step.examined - gone} ${inspection.name}`),
      }
    }
  }
  return { violations, examined, cursor: null }
}

function placeIn(cursor: string): { readonly offset: number; readonly name: string } {
  const position = cursorPosition('audit.cursor', 'audit', cursor)
  const space = position.indexOf(' ')
  return { offset: Number(position.slice(0, space)), name: position.slice(space + 1) }
}
