/// <reference lib="esnext.disposable" preserve="true" />

import {
  checkBoolean,
  checkDuration,
  checkOptions,
  checkTime,
  STATUS,
  STATUSES,
  type Backend,
  type Client,
  type Clock,
  type Duration,
  type HandledTask,
  type JsonCompatible,
  type Task,
} from '@millrace/core'
import { assertEnqueued, assertNotEnqueued } from './assert-enqueued.ts'
import { enqueuedOf, type EnqueuedRecord } from './enqueued.ts'
import type { Expected, ExpectedRecord } from './expected.ts'
import { settingsOf, type TestbedOptions } from './options.ts'
import { runOne, type RunOptions } from './run-one.ts'
import { createStand, type Stand } from './stand.ts'
import type { Summary } from './summary.ts'
import { TestbedError } from './testbed-error.ts'
import { createTimeline } from './timeline.ts'
import { travelTo, travelToTheEnd } from './travel.ts'

/** A queue for a test: a client, a worker and a backend on one clock, which do nothing and let no time pass unless they are told to. */
export interface Testbed extends AsyncDisposable {
  /** An ordinary client, for the code under test and for the test. */
  readonly client: Client
  /** Everything here takes its time from it. It stands still but for `advance`, `advanceTo` and `runAll({ scheduled: true })`. */
  readonly clock: Clock

  /**
   * Runs everything that is due, also what this enqueues, until nothing due is left. With `scheduled: true` it skips time until nothing is scheduled
   * either, each record at its own instant.
   * @throws TestbedError that says who does not return, enqueues itself without end, or has no handler.
   */
  runAll(options?: { readonly scheduled?: boolean }): Promise<Summary>
  /**
   * Lets so much time pass: from due time to due time, each record at its own instant, until nothing due is left at the last one. Time stands still
   * while handlers run; `whileRunning: true` lets it pass, so that a timeout comes.
   * @throws TestbedError as `runAll`
   */
  advance(duration: Duration, options?: TravelOptions): Promise<Summary>
  /** The same, to an instant; one that has passed is now. */
  advanceTo(instant: Date | number, options?: TravelOptions): Promise<Summary>

  /**
   * One attempt of one handler, apart from everything else: the input checked, stored and parsed, the result stored and read, no retry.
   * @throws what the handler throws, verdicts included; TaskOutcomeError if the record did not complete for another reason.
   */
  run<Input, Output>(
    task: HandledTask<Input, Output>,
    input: JsonCompatible<Input>,
    options?: RunOptions,
  ): Promise<Output>

  /** The records of the task that the backend has, whatever became of them, in order. */
  enqueued<Input>(task: Named<Input>): Promise<readonly EnqueuedRecord<Input>[]>
  /** Resolves to the records that are like this. @throws AssertionError that shows what was enqueued instead, the nearest first. */
  assertEnqueued<Input>(task: Named<Input>, expected?: Expected<Input>): Promise<readonly EnqueuedRecord<Input>[]>
  /** @throws AssertionError that shows the records that are like this. */
  assertNotEnqueued<Input>(task: Named<Input>, expected?: ExpectedRecord<Input>): Promise<void>

  /** Ends the worker, removes everything that is in the backend, and closes it. Idempotent. */
  close(): Promise<void>
}

export interface TravelOptions {
  readonly whileRunning?: boolean
}

type Named<Input> = Pick<Task<Input, unknown>, 'name' | 'types'>

/**
 * A testbed of its own for one test: it shares nothing with another one.
 * @throws QueueError `invalid_argument` that names the option at fault; TestbedError `occupied`
 */
export async function createTestbed(options: TestbedOptions = {}): Promise<Testbed> {
  const settings = settingsOf(options)
  const timeline = createTimeline(settings.now)
  const { clock } = timeline
  const backend = settings.open({ clock: timeline.inner, namespace: `testbed-${crypto.randomUUID()}` })
  const stand = await standOn(backend, () => createStand({ ...settings, backend, timeline }))
  const { reader, crew, drive, journal } = stand
  const travel = { reader, timeline, drive, crew }

  function advanceTo(instant: number, given: TravelOptions): Promise<Summary> {
    checkOpen()
    checkOptions('options', given, ['whileRunning'])
    const whileRunning = checkBoolean('options.whileRunning', given.whileRunning ?? false)
    return stand.acting(() => travelTo(travel, instant, { whileRunning, onStop: () => journal.countAnew() }))
  }

  async function tearDown(): Promise<void> {
    await crew?.end()
    await stand.client.close()
    try {
      await backend.destroy()
    } finally {
      await backend.close()
    }
  }
  let closing: Promise<void> | null = null

  function checkOpen(): void {
    if (closing !== null) throw new TestbedError('closed', 'the testbed is closed: each test has one of its own')
  }

  const bed: Testbed = {
    client: stand.client,
    clock,
    async runAll(given = {}) {
      checkOpen()
      checkOptions('options', given, [STATUS.scheduled])
      const isToTheEnd = checkBoolean('options.scheduled', given.scheduled ?? false)
      return await stand.acting(() => (isToTheEnd ? travelToTheEnd(travel) : drive.settle({ whileRunning: false })))
    },
    advance: async (duration, given = {}) => await advanceTo(clock.now() + checkDuration('duration', duration), given),
    advanceTo: async (instant, given = {}) => await advanceTo(checkTime('instant', instant), given),
    async run(task, input, given = {}) {
      checkOpen()
      return await runOne({ ...settings, timeline }, task, { input, options: given })
    },
    async enqueued(task) {
      checkOpen()
      return await enqueuedOf(reader, task)
    },
    async assertEnqueued(task, expected = {}) {
      checkOpen()
      return await assertEnqueued(reader, task, expected)
    },
    async assertNotEnqueued(task, expected = {}) {
      checkOpen()
      await assertNotEnqueued(reader, task, expected)
    },
    async close() {
      closing ??= tearDown()
      await closing
    },
    [Symbol.asyncDispose]: () => bed.close(),
  }
  return bed
}

/** A backend that cannot be used is closed again. */
async function standOn(backend: Backend, create: () => Stand): Promise<Stand> {
  try {
    const stand = create()
    await checkEmpty(backend)
    return stand
  } catch (error) {
    await backend.close()
    throw error
  }
}

/** What is in it at the end is removed, so that it must not hold anything of somebody else's. */
async function checkEmpty(backend: Backend): Promise<void> {
  await backend.open()
  const { counts, workers } = await backend.statistics()
  const paused = await backend.controls.paused()
  const count = STATUSES.reduce((sum, status) => sum + counts[status], 0)
  const found = [
    ...(count > 0 ? [`${count} ${count === 1 ? 'record' : 'records'}`] : []),
    ...(workers.length > 0 ? [`${workers.length} ${workers.length === 1 ? 'worker' : 'workers'}`] : []),
    ...(paused.namespace || paused.queues.length > 0 ? ['a pause'] : []),
  ]
  if (found.length === 0) return
  const what = found.join(' and ')
  throw new TestbedError(
    'occupied',
    `the backend has ${what} before the test: a testbed empties its namespace at the end. Hand on the \`namespace\` that \`backend\` is given`,
  )
}
