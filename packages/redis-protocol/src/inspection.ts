import type { Violation, ViolationCode } from '@millrace/core'
import { repliesIn, textsIn, type Caller } from './caller.ts'
import { MAX_IDS } from './chunks.ts'
import { unescapeText } from './escape.ts'
import { keyIn } from './identity.ts'
import { auditControls, auditIndex, auditKeys, auditRecords } from './scripts.generated.ts'
import { longId } from './short-id.ts'

/** What was found in one look, and where the next look goes on; null: everything of this kind was looked at. */
export interface Inspection {
  readonly violations: readonly Violation[]
  readonly examined: number
  readonly next: { readonly scan: string; readonly offset: number } | null
}

interface Look {
  readonly caller: Caller
  readonly scan: string
  readonly offset: number
  readonly limit: number
  readonly repair: boolean
}

export async function inspectRecords(look: Look): Promise<Inspection> {
  const { caller, repair } = look
  const { fields, next } = await scanned(look, caller.keys.shared.records)
  const { main } = await caller.runOnLines(auditRecords, {
    args: { now: caller.now, repairs: repair ? 1 : 0 },
    items: fields.map(([id]) => id),
  })
  return { violations: violationsIn(main), examined: fields.length, next }
}

export async function inspectKeys(look: Look): Promise<Inspection> {
  const { caller, repair } = look
  const { fields, next } = await scanned(look, caller.keys.shared.keys)
  const { main } = await caller.run(auditKeys, {
    args: { now: caller.now, repairs: repair ? 1 : 0 },
    items: fields.flat(),
  })
  const violations = violationsIn(main)
  // At the same cursor the server now gives fewer: those that follow have moved up.
  const offset = Math.max(0, (next?.offset ?? 0) - goneIn(violations))
  return { violations, examined: fields.length, next: next === null ? null : { ...next, offset } }
}

export async function inspectControls({ caller, repair }: Look): Promise<Inspection> {
  const { main } = await caller.run(auditControls, { args: { repairs: repair ? 1 : 0 } })
  return { violations: violationsIn(main), examined: 0, next: null }
}

export async function inspectIndex(
  look: Look & { readonly line: string; readonly index: string },
): Promise<Inspection> {
  const { caller, offset, limit, repair, line, index } = look
  const count = Math.min(limit, MAX_IDS)
  const { main } = await caller.run(auditIndex, {
    args: { now: caller.now, index, from: offset, count, repairs: repair ? 1 : 0 },
    lines: [line],
  })
  const [examined = '0', found = ''] = main.split('\u001d')
  const violations = violationsIn(found, `${line} lists it as ${index}, but`)
  const next = Number(examined) < count ? null : { scan: '0', offset: offset + Number(examined) - goneIn(violations) }
  return { violations, examined: Number(examined), next }
}

/** Of keys and of entries, what is mended is no longer there. */
function goneIn(violations: readonly Violation[]): number {
  return violations.filter(({ repaired }) => repaired).length
}

interface Scanned {
  /** Name and value of each field. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly next: Inspection['next']
}

/**
 * Some fields of a hash. A server gives as many as it likes for one cursor, so a look that may not take them all goes on behind them
 * at the same cursor.
 */
async function scanned({ caller, scan, offset, limit }: Look, key: string): Promise<Scanned> {
  const [cursor, words] = repliesIn(await caller.command('hscan', key, scan, 'count', MAX_IDS))
  const texts = textsIn(words).map(String)
  const all = texts.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, texts[i + 1] ?? '']] : []))
  const fields = all.slice(offset, offset + Math.min(limit, MAX_IDS))
  if (offset + fields.length < all.length) return { fields, next: { scan, offset: offset + fields.length } }
  return { fields, next: String(cursor) === '0' ? null : { scan: String(cursor), offset: 0 } }
}

function violationsIn(found: string, where = ''): readonly Violation[] {
  if (found === '') return []
  return found.split('\u001e').map((one) => {
    const [code = '', short = '', about = '', repaired = ''] = one.split('\u001f')
    return { ...violation(code, longId(short) ?? short, about, where), repaired: repaired === '1' }
  })
}

function violation(
  code: string,
  id: string,
  about: string,
  where: string,
): Pick<Violation, 'code' | 'subject' | 'detail'> {
  switch (code) {
    case 'unindexed_record': {
      const [line, indexes] = split(about, ' ')
      return { code, subject: id, detail: `${line} does not list it as ${indexes}` }
    }
    case 'unheld_key': {
      const [identity, holder] = split(about, '\t')
      const named = holder === '' ? 'nothing' : (longId(holder) ?? holder)
      return { code, subject: id, detail: `its key ${keyOf(identity)} names ${named}` }
    }
    case 'dangling_key':
      return { code, subject: keyOf(about), detail: `it names ${id}, which does not exist` }
    case 'dangling_index':
      return {
        code,
        subject: id,
        detail: `${where} ${about === '' ? 'there is no such record' : `the record is ${about}`}`,
      }
    case 'unheeded_pause': {
      const detail = about === '0' ? 'claims look for what is paused, and nothing is' : 'no claim heeds what is paused'
      return { code, subject: 'controls', detail }
    }
    default:
      return { code: CORRUPT, subject: id, detail: 'its stored bytes cannot be read' }
  }
}

const CORRUPT: ViolationCode = 'corrupt_record'

function keyOf(identity: string): string {
  return unescapeText(keyIn(identity)) ?? ''
}

function split(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
