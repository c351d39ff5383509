export type { StuckHandler, WorkerHealth, WorkerStatus } from './health.ts'
export type { Around, WorkerOptions } from './options.ts'
export type { Report, ReportKind } from './report.ts'
export { createWorker, type RunOptions, type StopOptions, type Worker } from './worker.ts'
