/** How much of everything one run measures. */
export interface Plan {
  readonly rounds: number
  /** Rounds of the rows that take long. */
  readonly longRounds: number
  /** Rounds of the rows that fill a server: what they compare are two short moments of one round. */
  readonly fillRounds: number
  /** Records that each peer enqueues, in each way, and works off before anything is measured. */
  readonly warmUp: number
  readonly process: { readonly concurrency: readonly number[]; readonly records: number }
  readonly payload: readonly { readonly label: string; readonly bytes: number; readonly records: number }[]
  readonly enqueue: { readonly oneByOne: number; readonly together: number; readonly bulk: number }
  readonly latency: { readonly idle: number; readonly halfLoad: number }
  readonly memory: { readonly records: number }
  readonly commands: { readonly records: number }
  readonly growth: { readonly backlogs: readonly number[]; readonly records: number }
  readonly beside: { readonly records: number; readonly scheduled: number; readonly other: number }
  readonly roundTrip: {
    readonly delays: readonly number[]
    readonly concurrency: readonly number[]
    readonly records: number
    readonly oneByOne: number
  }
  readonly idle: {
    readonly fleets: readonly number[]
    readonly settleMs: number
    /** Without and then with records. What recurs in a fleet does so every 5 or 15 seconds. */
    readonly watchMs: number
    readonly records: number
  }
}

export const FULL: Plan = {
  rounds: 5,
  longRounds: 1,
  fillRounds: 3,
  warmUp: 20_000,
  process: { concurrency: [1, 10, 50, 100], records: 40_000 },
  payload: [
    { label: '100 B', bytes: 100, records: 20_000 },
    { label: '1 KB', bytes: 1_000, records: 20_000 },
    { label: '10 KB', bytes: 10_000, records: 10_000 },
    { label: '256 KB', bytes: 256_000, records: 400 },
  ],
  enqueue: { oneByOne: 3_000, together: 20_000, bulk: 30_000 },
  latency: { idle: 1_000, halfLoad: 3_000 },
  memory: { records: 50_000 },
  commands: { records: 2_000 },
  growth: { backlogs: [1_000, 10_000, 100_000, 1_000_000], records: 40_000 },
  beside: { records: 40_000, scheduled: 100_000, other: 1_000_000 },
  roundTrip: { delays: [0, 1, 5], concurrency: [10, 50], records: 5_000, oneByOne: 200 },
  idle: { fleets: [1, 20, 200], settleMs: 6_000, watchMs: 15_000, records: 150 },
}

/** About two and a half minutes for all rows on both servers. */
export const QUICK: Plan = {
  rounds: 1,
  longRounds: 1,
  fillRounds: 1,
  warmUp: 1_000,
  process: { concurrency: [1, 10, 50, 100], records: 4_000 },
  payload: [
    { label: '1 KB', bytes: 1_000, records: 3_000 },
    { label: '10 KB', bytes: 10_000, records: 1_500 },
  ],
  enqueue: { oneByOne: 500, together: 4_000, bulk: 5_000 },
  latency: { idle: 150, halfLoad: 400 },
  memory: { records: 10_000 },
  commands: { records: 500 },
  growth: { backlogs: [1_000, 20_000], records: 3_000 },
  beside: { records: 3_000, scheduled: 10_000, other: 20_000 },
  roundTrip: { delays: [1], concurrency: [50], records: 2_000, oneByOne: 100 },
  idle: { fleets: [20], settleMs: 2_500, watchMs: 1_500, records: 5 },
}

/** For the harness' own test: every path once. */
export const TINY: Plan = {
  rounds: 1,
  longRounds: 1,
  fillRounds: 1,
  warmUp: 20,
  process: { concurrency: [2], records: 40 },
  payload: [{ label: '10 KB', bytes: 10_000, records: 10 }],
  enqueue: { oneByOne: 5, together: 20, bulk: 20 },
  latency: { idle: 5, halfLoad: 10 },
  memory: { records: 50 },
  commands: { records: 50 },
  growth: { backlogs: [100], records: 250 },
  beside: { records: 20, scheduled: 20, other: 20 },
  roundTrip: { delays: [1], concurrency: [5], records: 20, oneByOne: 5 },
  idle: { fleets: [2], settleMs: 0, watchMs: 50, records: 1 },
}

/** The same with so many times the records. */
export function scaled(plan: Plan, factor: number): Plan {
  const times = (count: number): number => Math.max(1, Math.round(count * factor))
  const { process, payload, enqueue, latency, memory, commands, growth, beside, roundTrip } = plan
  return {
    ...plan,
    process: { ...process, records: times(process.records) },
    payload: payload.map((one) => ({ ...one, records: times(one.records) })),
    enqueue: { oneByOne: times(enqueue.oneByOne), together: times(enqueue.together), bulk: times(enqueue.bulk) },
    latency: { idle: times(latency.idle), halfLoad: times(latency.halfLoad) },
    memory: { records: times(memory.records) },
    commands: { records: times(commands.records) },
    growth: { ...growth, backlogs: growth.backlogs.map(times), records: times(growth.records) },
    beside: {
      ...beside,
      records: times(beside.records),
      scheduled: times(beside.scheduled),
      other: times(beside.other),
    },
    roundTrip: { ...roundTrip, records: times(roundTrip.records), oneByOne: times(roundTrip.oneByOne) },
  }
}
