import assert from 'node:assert/strict'
import { runCase, suite, type Break, type Case, type OpenBackend } from '@millrace/conformance'
import { expect, it } from 'vitest'
import { breakOf } from '../../memory/src/break.ts'
import { memoryBackend, memoryStore } from '../../memory/src/index.ts'

/** A backend in memory of which replies are lost by another function. */
function losingBy(swallowNextReply: (own: Break) => ReturnType<Break['swallowNextReply']>): OpenBackend {
  const store = memoryStore()
  return async (options) => {
    const backend = memoryBackend({ store, ...options })
    const own = breakOf(backend)
    const faults = { ...own, swallowNextReply: () => swallowNextReply(own) }
    return { backend, second: memoryBackend({ store, ...options }), break: faults }
  }
}

/** The cases that lose a reply. */
async function losingCases(): Promise<readonly Case[]> {
  const found = new Set<Case>()
  for (const one of suite.flatMap(({ cases }) => cases)) {
    const noted = losingBy(async (own) => {
      found.add(one)
      return await own.swallowNextReply()
    })
    await runCase(one, noted)
  }
  return [...found]
}

it(
  'every case that loses a reply is red where none is lost, as behind a proxy that is not in the way',
  { timeout: 120_000 },
  async () => {
    const cases = await losingCases()
    expect(cases.length).toBeGreaterThanOrEqual(37)
    for (const one of cases) {
      const unharmed = losingBy(async () => async () => false)
      await assert.rejects(runCase(one, unharmed), /no reply was lost/, one.name)
    }
  },
)
