import type { Backend, Duration, ManualClock } from '@millrace/core'
import { Bench } from './bench.ts'
import { groups } from './cases/index.ts'

/** The test framework, as far as the suite needs it: vitest, jest, node:test and bun:test all fit. */
export interface TestFunctions {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (name: string, body: () => Promise<void>) => unknown
}

/** What the suite asks of an adapter's test file. A second call with an equal namespace gives other clients of the same data. */
export type OpenBackend = (options: OpenOptions) => Promise<Opened>

export interface OpenOptions {
  readonly namespace: string
  /** The backend takes every instant from this clock. */
  readonly clock: ManualClock
  /** How much waiting outweighs one priority, for the backend's option of that name; left out: nothing is said of it. */
  readonly aging?: Duration
}

export interface Opened {
  /** The client at hand, whose replies and connections `break` acts on. */
  readonly backend: Backend
  /** Another client of the same data. */
  readonly second: Backend
  readonly break: Break
}

/** Faults made on purpose. Mandatory: a backend that cannot be broken has not been tested. */
export interface Break {
  /** Cuts every connection of `backend`; it reconnects by itself. */
  dropConnections(): Promise<void>
  /** The record stays, its index entries vanish. */
  forgetIndex(id: string): Promise<void>
  /** The record vanishes, its index entries and its key mapping stay. */
  forgetRecord(id: string): Promise<void>
  /** The stored bytes of the record become unreadable; its index entries stay. */
  writeGarbage(id: string): Promise<void>
  /**
   * The next call of `backend` takes effect, but its reply is lost: it rejects as indeterminate, or its client resends it. The function that
   * this resolves to tells afterwards whether a reply was lost indeed: without a loss a case would show nothing.
   */
  swallowNextReply(): Promise<() => Promise<boolean>>
}

export interface Case {
  /** A claim about every backend: "a late holder cannot complete". */
  readonly name: string
  /** What the clients of the case are told of aging. */
  readonly aging?: Duration
  readonly run: (bench: Bench) => Promise<void>
}

export interface Group {
  readonly name: string
  readonly cases: readonly Case[]
}

/** The whole suite as data, for those who run it in their own way. */
export const suite: readonly Group[] = groups

/** Declares one test per case. Every case gets a namespace of its own, ends with a clean audit, and leaves nothing behind. */
export function declareSuite(name: string, open: OpenBackend, { describe, it }: TestFunctions): void {
  describe(name, () => {
    for (const group of suite) {
      describe(group.name, () => {
        for (const one of group.cases) it(one.name, () => runCase(one, open))
      })
    }
  })
}

export async function runCase(one: Case, open: OpenBackend): Promise<void> {
  const bench = await Bench.open(open, one)
  try {
    await one.run(bench)
    await bench.expectCleanAudit()
    await bench.expectConsistentCounts()
  } catch (error) {
    // What the case has found is said, whatever else goes wrong on the way out.
    await bench.close().catch(() => undefined)
    throw error
  }
  await bench.close()
}
