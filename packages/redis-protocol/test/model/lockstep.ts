import { expect, it } from 'vitest'
import type { Backend, Clock, Duration } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { nextCommand } from './commands.ts'
import { differences } from './differences.ts'
import { stateOf } from './state.ts'
import { worldOf } from './world.ts'

/** Commands of one run; then a fresh namespace begins. */
const RUN = 500
/** After so many everything that can be seen is compared. */
const LOOKS_EVERY = 50

interface Options {
  readonly namespace: string
  readonly clock: Clock
  readonly resendWindowMs: number
  readonly aging?: Duration
}

/**
 * Compares a backend with memory, the specification, command for command: random commands that earlier answers make likely to meet. Two
 * clients take turns, because a client remembers what it claimed. MILLRACE_MODEL_COMMANDS asks for more of them, MILLRACE_MODEL_SEED for
 * a run that failed. With every other seed priorities age; of which record is the oldest then, only a guess is promised.
 */
export function describeModel(name: string, open: (options: Options) => Backend): void {
  const total = Number(process.env['MILLRACE_MODEL_COMMANDS'] ?? 1_000)
  const first = Number(process.env['MILLRACE_MODEL_SEED'] ?? Date.now() % 1_000_000)
  for (let run = 0; run * RUN < total; run++) {
    const seed = first + run
    it(`${name} answers as memory does, seed ${seed}`, { timeout: 120_000 }, async () => {
      await runLockstep(seed, open)
    })
  }
}

async function runLockstep(seed: number, open: (options: Options) => Backend): Promise<void> {
  const world = worldOf(seed)
  const isAged = seed % 2 === 1
  const options: Options = {
    namespace: `model-${crypto.randomUUID()}`,
    clock: world.clock,
    resendWindowMs: 0,
    ...(isAged ? { aging: '1s' } : {}),
  }
  const compare = (answer: unknown, expected: unknown): readonly string[] =>
    differences(answer, expected).filter((one) => !(isAged && one.includes('.oldestDueMs:')))
  const [memory, one, other] = [memoryBackend(options), open(options), open(options)]
  try {
    for (let i = 1; i <= RUN; i++) {
      const { name, request, act } = nextCommand(world)
      const expected = await act(memory)
      const answer = await act(world.random.chance(0.5) ? one : other)
      const found = compare(answer, expected)
      expect(
        found,
        `command ${i} of seed ${seed}: ${name} ${JSON.stringify(request)?.replaceAll(/x{9,}/g, 'x…').slice(0, 3_000)}`,
      ).toEqual([])
      if (i % LOOKS_EVERY > 0) continue
      const seen = compare(await stateOf(one, world), await stateOf(memory, world))
      expect(seen, `after command ${i} of seed ${seed}`).toEqual([])
    }
    await one.destroy()
  } finally {
    for (const backend of [memory, one, other]) await backend.close()
  }
}
