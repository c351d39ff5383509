/** Every figure that the bench takes, in the order of the report, with the digits worth showing. */
const METRICS = {
  rate: { title: 'records per second', digits: 0 },
  serverUs: { title: 'server CPU per record, us', digits: 1 },
  nodeUs: { title: 'process CPU per record, us', digits: 1 },
  commands: { title: 'commands per record, also in scripts', digits: 2 },
  roundTrips: { title: 'round trips per record', digits: 3 },
  sentCommands: { title: 'commands per record, sent by clients', digits: 3 },
  scriptCommands: { title: 'commands per record, run by scripts', digits: 2 },
  heldMost: { title: 'held at most', digits: 0 },
  leftHeld: { title: 'left held by the stop', digits: 0 },
  addRate: { title: 'enqueued per second', digits: 0 },
  pendingBytes: { title: 'bytes per pending record', digits: 0 },
  completedBytes: { title: 'bytes per completed record', digits: 0 },
  pickUpP50: { title: 'pick-up p50, ms', digits: 2 },
  pickUpP99: { title: 'pick-up p99, ms', digits: 2 },
  scriptP999: { title: 'script time p99.9, ms', digits: 2 },
  usedMb: { title: 'memory of the server, MB', digits: 0 },
  rttMs: { title: 'measured round trip, ms', digits: 2 },
  idleCommands: { title: 'commands per second and idle worker, also in scripts', digits: 2 },
  idleArrivals: { title: 'round trips per second and idle worker', digits: 2 },
  idleCpu: { title: 'server CPU of the idle fleet, ms per second', digits: 1 },
  idleBytes: { title: 'bytes appended to the file per second', digits: 0 },
  taskScripts: { title: 'scripts for one new record', digits: 1 },
} as const

export type Metric = keyof typeof METRICS

export interface MetricWords {
  readonly metric: Metric
  readonly title: string
  readonly digits: number
}

export const METRIC_WORDS: readonly MetricWords[] = Object.entries(METRICS).flatMap(([metric, words]) =>
  isMetric(metric) ? [{ metric, ...words }] : [],
)

function isMetric(name: string): name is Metric {
  return Object.hasOwn(METRICS, name)
}
