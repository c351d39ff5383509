/** The suite without Vitest: bring your own `describe` and `it`. */
export { Bench } from './bench.ts'
export { declareSuite as describeBackend, runCase, suite } from './harness.ts'
export type { Break, Case, Group, OpenBackend, Opened, OpenOptions, TestFunctions } from './harness.ts'
