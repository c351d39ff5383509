import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, task, type AuditPage, type Client } from '@millrace/core'
import { expect, onTestFinished } from 'vitest'
import type { FaultLane } from '../faults/fault-lane.ts'
import { randomOf, type Random } from '../model/random.ts'
import { createChange } from './change.ts'
import { complaintsAbout, type StopHistory } from './complaints.ts'
import type { Life, StopEvent } from './events.ts'
import { startWorking } from './fleet.ts'
import type { Manner } from './working.ts'

export interface StopsUnderLoad {
  readonly url: string
  /** How many workers are told to stop in the middle of their work. */
  readonly stops: number
  readonly seed: number
  readonly staleAfterMs: number
  /** None if it is empty. */
  readonly bug: string
}

/** Worker processes at the same time. */
const PROCESSES = 4
/** Producers do not run away from the workers. */
const MOST_AHEAD = 120
/** A worker is told to stop after at most so many of its handlers have finished. */
const MOST_FINISHED = 60

const work = task<{ manner: Manner; ms: number }, number>('demo.work', { retries: 3 })

function inputOf(random: Random): { manner: Manner; ms: number } {
  return random.weighted<() => { manner: Manner; ms: number }>([
    [60, () => ({ manner: 'instant', ms: 0 })],
    [25, () => ({ manner: 'obedient', ms: random.whole(1, 20) })],
    [8, () => ({ manner: 'obedient', ms: random.whole(50, 500) })],
    // Around the end of the grace, and of the moment after it.
    [7, () => ({ manner: 'deaf', ms: random.whole(100, 700) })],
  ])()
}

export interface StopsResult {
  readonly complaints: readonly string[]
  readonly figures: string
}

/** Workers are told to stop again and again, each replaced by another one, while a producer goes on; then what is left is worked off. */
export async function stopUnderLoad(lane: FaultLane, given: StopsUnderLoad): Promise<StopsResult> {
  const { url, stops, seed, staleAfterMs, bug } = given
  const random = randomOf(seed)
  const folder = mkdtempSync(join(tmpdir(), 'millrace-stops-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const client = createClient({ backend: lane.open(url) })
  onTestFinished(() => client.close())
  const history = join(folder, 'history.ndjson')
  const words = [url.replace(/^redis/, lane.kind), history, String(staleAfterMs)]
  const ids: string[] = []
  const lives: Life[] = []
  const change = createChange()
  const enough = new AbortController()
  const over = new AbortController()
  onTestFinished(() => {
    over.abort()
    enough.abort()
    change.tell()
  })
  let [finished, left] = [0, stops]

  function onFinished(): void {
    finished += 1
    change.tell()
  }

  const options = { cache: join(folder, 'cache'), over: over.signal, onFinished }

  async function produce(): Promise<void> {
    while (!enough.signal.aborted) {
      const handles = await Promise.all(Array.from({ length: 8 }, () => client.enqueue(work, inputOf(random))))
      ids.push(...handles.map(({ id }) => id))
      await change.until(() => ids.length - finished <= MOST_AHEAD || enough.signal.aborted)
    }
  }

  async function live(): Promise<void> {
    while (left > 0) {
      left -= 1
      const most = random.whole(0, MOST_FINISHED)
      const working = await startWorking([...words, bug], options)
      await working.finished(most)
      lives.push(await working.stop())
    }
  }

  const since = performance.now()
  const producing = produce()
  await Promise.all(Array.from({ length: PROCESSES }, live))
  const lasted = performance.now() - since
  enough.abort()
  change.tell()
  await producing
  await workOff(client, () => startWorking(words, options))
  const [records, events] = [await recordsOf(client, ids), eventsIn(history)]
  const { workers } = await client.statistics()
  const complaints = [
    ...complaintsAbout({ ids, records, events, lives }),
    ...workers.map(({ workerId }) => `${workerId} has not said goodbye`),
    ...(await violationsIn(client)),
  ]
  return { complaints, figures: figuresOf({ ids, records, events, lives }, lasted) }
}

/** By workers that nobody disturbs, and whose stop is not counted. */
async function workOff(client: Client, start: () => ReturnType<typeof startWorking>): Promise<void> {
  const workers = await Promise.all([start(), start()])
  await expect
    .poll(async () => (await client.statistics()).counts, { timeout: 120_000 })
    .toMatchObject({ pending: 0, scheduled: 0, running: 0 })
  for (const { code, signal } of await Promise.all(workers.map((worker) => worker.stop())))
    expect({ code, signal }).toEqual({ code: 0, signal: null })
}

async function recordsOf(client: Client, ids: readonly string[]): Promise<StopHistory['records']> {
  const records: StopHistory['records'][number][] = []
  for (let i = 0; i < ids.length; i += 500) records.push(...(await client.backend.get(ids.slice(i, i + 500))))
  return records
}

async function violationsIn(client: Client): Promise<readonly string[]> {
  const found: string[] = []
  let cursor: string | null = null
  do {
    const page: AuditPage = await client.backend.audit({ cursor })
    found.push(...page.violations.map((one) => `the audit found ${JSON.stringify(one)}`))
    cursor = page.cursor
  } while (cursor !== null)
  return found
}

function eventsIn(history: string): readonly StopEvent[] {
  const lines = readFileSync(history, 'utf8').split('\n').filter(Boolean)
  return lines.map((line): StopEvent => JSON.parse(line))
}

function figuresOf({ ids, records, events, lives }: StopHistory, lastedMs: number): string {
  const took = lives.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b)
  const count = (what: string): number => events.filter((event) => event.what === what).length
  const again = records.filter((record) => (record?.attempt ?? 1) > 1).length
  const code1 = lives.filter(({ code }) => code === 1).length
  const ms = (at: number): number => Math.round(took[Math.floor((took.length - 1) * at)] ?? 0)
  return (
    `${lives.length} stops (${code1} left a handler behind) in ${Math.round(lastedMs / 1_000)} s; ` +
    `a stop took ${ms(0.5)} ms (median), ${ms(1)} ms (most); ${ids.length} records, ${again} of them claimed more than once; ` +
    `${count('began')} handlers began, ${count('finished')} finished`
  )
}
