import { decodeNote, type LogEntry } from '@millrace/core'
import type { Caller } from './caller.ts'
import { shortId } from './short-id.ts'

/** Ids asked for at once: no reply is larger than a megabyte. */
const MOST_ASKED = 50

const ENTRY = /^(\d+) (\d+) (\d+) (.*)$/s

export async function logs(caller: Caller, ids: readonly string[]): Promise<readonly (readonly LogEntry[])[]> {
  const stored: (string | null)[] = []
  for (let start = 0; start < ids.length; start += MOST_ASKED) {
    const some = ids.slice(start, start + MOST_ASKED).map(shortId)
    stored.push(...(await caller.texts('hmget', caller.keys.shared.logs, ...some)))
  }
  return stored.map(entriesIn)
}

/** As `lua/lib/log.lua` writes them; what is no entry is passed over. */
function entriesIn(stored: string | null): readonly LogEntry[] {
  const lines = stored === null || stored === '' ? [] : stored.split('\n')
  return lines.flatMap((line) => {
    const [, attempt, number, at, text = ''] = ENTRY.exec(line) ?? []
    if (attempt === undefined) return []
    return [{ attempt: Number(attempt), number: Number(number), at: Number(at), ...decodeNote(text) }]
  })
}
