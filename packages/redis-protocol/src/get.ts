import type { KeyReference, TaskRecord } from '@millrace/core'
import type { Caller } from './caller.ts'
import { chunks } from './chunks.ts'
import { readEntries, type Entry } from './entries.ts'
import { referredIdentity } from './identity.ts'
import { idInField } from './key-codes.ts'
import type { ScriptCall } from './script.ts'
import { read as script } from './scripts.generated.ts'
import { shortId } from './short-id.ts'

/** The records in the order of the ids, in one round trip; in two if some of them run, because heartbeats lie in their lines. */
export async function get(caller: Caller, ids: readonly string[]): Promise<readonly (TaskRecord | null)[]> {
  const entries = await entriesOf(caller, ids.map(shortId))
  return entries.map(({ record }) => record)
}

export async function getByKey(caller: Caller, keys: readonly KeyReference[]): Promise<readonly (TaskRecord | null)[]> {
  const fields = await caller.texts('hmget', caller.keys.shared.keys, ...keys.map(referredIdentity))
  const holders = fields.map((field) => (field === null ? null : idInField(field)))
  const held = [...new Set(holders.filter((id) => id !== null))]
  const entries = await entriesOf(caller, held)
  const records = new Map(held.map((id, i) => [id, entries[i]?.record ?? null]))
  return holders.map((id) => (id === null ? null : (records.get(id) ?? null)))
}

async function entriesOf(caller: Caller, ids: readonly string[]): Promise<readonly Entry[]> {
  const calls = chunks([...new Set(ids)]).map((items): ScriptCall<typeof script> => ({
    args: { now: caller.now },
    items,
  }))
  if (calls.length === 0) return []
  const answers = await caller.runAll(script, calls)
  const entries = new Map<string, Entry>()
  for (const [i, first] of answers.entries()) {
    const call = calls[i]
    if (call === undefined) continue
    // Of large records a script answers only some: then it is asked for the others.
    let [answer, items] = [await caller.settleMoves(script, call, first), call.items ?? []]
    for (;;) {
      const [at = '', stored = ''] = answer.main.split('\u001d')
      const some = readEntries(stored, answer.extras, Number(at))
      for (const [k, entry] of some.entries()) entries.set(String(items[k]), entry)
      items = items.slice(some.length)
      if (items.length === 0 || some.length === 0) break
      answer = await caller.runOnLines(script, { ...call, items })
    }
  }
  return ids.map((id) => entries.get(id) ?? { id, record: null, isReadable: true, attempt: 0 })
}
