import assert from 'node:assert/strict'
import { memoryBackend, memoryStore } from '../../memory/src/index.ts'
import { breakOf } from '../../memory/src/break.ts'
import type { Backend, TaskRecord } from '@millrace/core'
import { runCase, suite, type Case, type Group, type OpenBackend } from '@millrace/conformance'
import { describe, it } from 'vitest'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'

function opener(changes: Mutant['changes'] = () => ({})): OpenBackend {
  const store = memoryStore()
  const seen: TaskRecord[] = []
  return async (options) => {
    const [backend, second] = [memoryBackend({ store, ...options }), memoryBackend({ store, ...options })]
    const broken = (inner: Backend): Backend => differ(inner, changes(inner, seen))
    return { backend: broken(backend), second: broken(second), break: breakOf(backend) }
  }
}

/** `inner` but for some methods. */
function differ(inner: Backend, changes: Partial<Backend>): Backend {
  return new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** What a case ends with; a case that waits for ever on a backend in memory has left the event loop with nothing to do. */
async function outcome(one: Case, open: OpenBackend): Promise<'passes' | 'fails' | 'hangs'> {
  const run = runCase(one, open).then(
    () => 'passes' as const,
    () => 'fails' as const,
  )
  return await Promise.race([run, quiet().then(() => 'hangs' as const)])
}

async function quiet(): Promise<void> {
  for (let turns = 0; turns < 200; turns++) await new Promise((resolve) => setImmediate(resolve))
}

interface Killer {
  readonly group: Group
  readonly one: Case
}

/** The first case that a broken backend does not pass, the likely groups first. */
async function killerOf({ near, changes }: Mutant): Promise<Killer | null> {
  const likely = suite.filter(({ name }) => near.includes(name))
  const others = suite.filter(({ name }) => !near.includes(name))
  for (const group of [...likely, ...others]) {
    for (const one of group.cases) {
      if ((await outcome(one, opener(changes))) !== 'passes') return { group, one }
    }
  }
  return null
}

const verdicts: { readonly mutant: Mutant; readonly killer: Killer | null }[] = []
for (const mutant of MUTANTS) verdicts.push({ mutant, killer: await killerOf(mutant) })

describe('a backend with one bug turns the suite red', () => {
  for (const { mutant, killer } of verdicts) {
    const by = killer === null ? 'by no case' : `by "${killer.group.name}: ${killer.one.name}"`
    it(`${mutant.name}: found ${by}`, async () => {
      assert.ok(killer !== null, 'no case of the suite fails on this bug')
      assert.equal(await outcome(killer.one, opener()), 'passes')
    })
  }
})
