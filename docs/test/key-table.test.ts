import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { memoryBackend, memoryStore } from '@millrace/memory'
import { breakOf } from '@millrace/memory/break'
import { Bench } from '@millrace/conformance/suite'
import type { KeyHold, Status } from '@millrace/core'
import { describe, expect, it } from 'vitest'

/*
 * The table of the guide that says who keeps others off a key, walked on the backend that is the specification.
 */

type Keyed = NonNullable<Parameters<Bench['enqueue']>[0]>
type Make = (bench: Bench, keyed: Keyed) => Promise<unknown>

const WINDOW_MS = 86_400_000

const at = (...statuses: readonly Exclude<Status, 'waiting'>[]): readonly Make[] =>
  statuses.map(
    (status): Make =>
      (bench, keyed) =>
        bench.make(status, { maxRetries: 1, ...keyed }),
  )

/** What may come after a start. */
function after(act: (bench: Bench, id: string) => Promise<unknown>): Make {
  return async (bench, keyed) => await act(bench, (await bench.make('running', { maxRetries: 1, ...keyed })).id)
}

/** The ways to come to where the first words of a row say that a record is. */
const ROWS: Readonly<Record<string, readonly Make[]>> = {
  'waits for its first start': at('pending', 'scheduled'),
  runs: at('running'),
  'waits again': [
    after((bench, id) => bench.settle(bench.fail(id, 1, 0))),
    after((bench, id) => bench.settle(bench.snooze(id, 1))),
    after((bench, id) => bench.settle(bench.release(id, 1))),
    after(async (bench, id) => {
      await bench.beat([bench.touch(id, 1, { alive: false })])
      await bench.sweepStale()
    }),
  ],
  'was cancelled while it ran': [(bench, keyed) => bench.makeHeld(keyed)],
  'is over': at('completed', 'failed', 'cancelled', 'expired'),
  'was removed by the cleanup': [
    async (bench, keyed) => {
      await bench.make('completed', keyed)
      bench.clock.advance(bench.backend.capabilities.resendWindowMs + 1)
      await bench.sweepFinished()
    },
  ],
  'was replayed': (['completed', 'cancelled'] as const).map((status): Make => async (bench, keyed) => {
    const { id, attempt } = await bench.make(status, keyed)
    await bench.replay(id, attempt)
  }),
}

const COLUMNS: readonly { readonly name: string; readonly keyHold: KeyHold; readonly isOver?: true }[] = [
  { name: '`active`', keyHold: 'active' },
  { name: '`untilStart`', keyHold: 'untilStart' },
  { name: '`window`', keyHold: 'window' },
  { name: 'window over', keyHold: 'window', isOver: true },
  { name: '`forever`', keyHold: 'forever' },
]

const page = readFileSync(fileURLToPath(new URL('../guide/keys.md', import.meta.url)), 'utf8')
const [head = '', , ...lines] =
  page.slice(page.indexOf('| the record that has the key | ')).split('\n\n', 1)[0]?.split('\n') ?? []
const rows = lines.map(cellsOf)

function cellsOf(line: string): readonly string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

async function blocks(make: Make, { keyHold, isOver }: (typeof COLUMNS)[number]): Promise<boolean> {
  const store = memoryStore()
  const bench = await Bench.open(async ({ namespace, clock }) => {
    const open = (): ReturnType<typeof memoryBackend> => memoryBackend({ store, namespace, clock })
    const backend = open()
    return { backend, second: open(), break: breakOf(backend) }
  })
  const start = bench.now
  await make(bench, { key: 'k', keyHold, ...(keyHold === 'window' ? { keyWindowMs: WINDOW_MS } : {}) })
  if (isOver) bench.clock.advance(start + WINDOW_MS - bench.now)
  const { outcome } = await bench.ask({ key: 'k' })
  await bench.close()
  return outcome !== 'created'
}

describe('who keeps others off a key, as the guide says', () => {
  it('is said of every place and of every hold', () => {
    expect(cellsOf(head).slice(1)).toEqual(COLUMNS.map(({ name }) => name))
    expect(rows.map(([place = '']) => Object.keys(ROWS).find((name) => place.startsWith(name)))).toEqual(
      Object.keys(ROWS),
    )
  })

  it.each(rows.map(([place = '', ...cells]) => ({ place, cells })))('is so: $place', async ({ place, cells }) => {
    const [, makes = []] = Object.entries(ROWS).find(([name]) => place.startsWith(name)) ?? []
    for (const make of makes) {
      const answers: string[] = []
      for (const column of COLUMNS) answers.push((await blocks(make, column)) ? 'blocks' : '-')
      expect(answers).toEqual(cells)
    }
  })
})
