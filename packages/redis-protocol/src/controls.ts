import type { Controls, KeyReference, KeyReset, Paused } from '@millrace/core'
import type { Caller } from './caller.ts'
import { chunks, MAX_IDS } from './chunks.ts'
import { referredIdentity } from './identity.ts'
import { linesMatching } from './known-lines.ts'
import { hint, pause, paused, resetKeys as resetKeysScript, resume } from './scripts.generated.ts'
import { garbled } from './server-error.ts'

/** Lines that one script hints. */
const LINES_AT_ONCE = MAX_IDS

/** One script each, which has done all of it or nothing; resuming then hints the lines. */
export function controlsOn(caller: Caller): Controls {
  return {
    async pause(queues) {
      await caller.forActs().run(pause, { args: {}, items: fieldsOf(queues) })
    },
    async resume(queues) {
      const own = caller.forActs()
      await own.run(resume, { args: {}, items: fieldsOf(queues) })
      await hintLines(own, queues)
    },
    async paused() {
      const { main } = await caller.run(paused, { args: {} })
      return pausedIn(main)
    },
    resetKeys: async (keys) => await resetKeys(caller.forActs(), keys),
  }
}

/** What came meanwhile was hinted to nobody. Only now, so that a worker which is woken finds the lines resumed; those still paused get no hint. */
async function hintLines(caller: Caller, queues: readonly string[] | null): Promise<void> {
  const lines = await linesMatching(caller, queues === null ? {} : { queues })
  for (let from = 0; from < lines.length; from += LINES_AT_ONCE)
    await caller.run(hint, { args: {}, lines: lines.slice(from, from + LINES_AT_ONCE) })
}

/** As `lua/lib/pauses.lua` knows them. No queue is named with a star. */
function fieldsOf(queues: readonly string[] | null): readonly string[] {
  return (queues ?? [WHOLE]).map((name) => PREFIX + name)
}

const PREFIX = 'pause '
const WHOLE = '*'

function pausedIn(text: string): Paused {
  const names = text === '' ? [] : text.split('\n').map((field) => field.slice(PREFIX.length))
  return { namespace: names.includes(WHOLE), queues: names.filter((name) => name !== WHOLE).toSorted() }
}

const RESETS: ReadonlyMap<string, KeyReset> = new Map([
  ['r', 'reset'],
  ['f', 'free'],
  ['x', 'refused'],
])

async function resetKeys(caller: Caller, keys: readonly KeyReference[]): Promise<readonly KeyReset[]> {
  const resets: KeyReset[] = []
  for (const piece of chunks(keys)) {
    const { main } = await caller.run(resetKeysScript, {
      args: { now: caller.now },
      items: piece.map(referredIdentity),
    })
    for (const i of piece.keys()) {
      const reset = RESETS.get(main.charAt(i))
      if (reset === undefined) throw garbled()
      resets.push(reset)
    }
  }
  return resets
}
