import { repliesIn, textsIn, type Caller } from './caller.ts'
import { LINE_KEYS } from './keys.ts'
import { linesMatching } from './known-lines.ts'
import { lineIn } from './packed-record.ts'
import { destroy as script } from './scripts.generated.ts'

/** Lines that one script removes; the server frees their memory in the background. */
const LINES_AT_ONCE = 200
/** Records whose lines are looked up at once. */
const RECORDS_AT_ONCE = 200
/** The indexes of which each record is in one. */
const HOMES = LINE_KEYS.filter((name) => name !== 'held' && name !== 'expiring' && name !== 'wake')

/** Removes line after line, also those that only records tell of, and once none is left, what they share. */
export async function destroy(caller: Caller): Promise<void> {
  for (let isGone = false; !isGone;) {
    const names = await linesMatching(caller)
    if (!(await holdEveryRecord(caller, names))) await removeUnlisted(caller, new Set(names))
    await remove(caller, names.slice(LINES_AT_ONCE))
    const lines = names.slice(0, LINES_AT_ONCE)
    const { main } = await caller.run(script, { args: { prefix: caller.keys.prefix, isLast: 1 }, lines })
    isGone = main === '1'
  }
}

async function remove(caller: Caller, names: readonly string[]): Promise<void> {
  for (let from = 0; from < names.length; from += LINES_AT_ONCE) {
    const lines = names.slice(from, from + LINES_AT_ONCE)
    await caller.run(script, { args: { prefix: caller.keys.prefix, isLast: 0 }, lines })
  }
}

/** Whether as many records are in these lines as there are: then no other line has any. What is of another type than it should be has none. */
async function holdEveryRecord(caller: Caller, names: readonly string[]): Promise<boolean> {
  const [all] = await caller.send([['hlen', caller.keys.shared.records]])
  let listed = 0
  for (let from = 0; from < names.length; from += LINES_AT_ONCE) {
    const keys = names.slice(from, from + LINES_AT_ONCE).flatMap((name) => caller.keys.ofLine(name, HOMES))
    for (const count of await caller.send(keys.map((key) => ['zcard', key])))
      if (typeof count === 'number') listed += count
  }
  return typeof all !== 'number' || listed >= all
}

/** The set of lines may be lost, or a part of it. */
async function removeUnlisted(caller: Caller, removed: Set<string>): Promise<void> {
  let cursor = '0'
  do {
    const [page] = await caller.send([['hscan', caller.keys.shared.records, cursor, 'count', RECORDS_AT_ONCE]])
    const [next, words] = repliesIn(page)
    const texts = textsIn(words).filter((_, i) => i % 2 === 1)
    const names = [...new Set(texts.map((text) => lineIn(text ?? '')))].filter((name) => !removed.has(name))
    await remove(caller, names)
    for (const name of names) removed.add(name)
    cursor = String(next)
  } while (cursor !== '0')
}
