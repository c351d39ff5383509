import { describe, it } from 'vitest'
import { declareSuite, type OpenBackend, type TestFunctions } from './harness.ts'

export { Bench } from './bench.ts'
export { declareSuite, runCase, suite } from './harness.ts'
export type { Break, Case, Group, OpenBackend, Opened, OpenOptions, TestFunctions } from './harness.ts'

/**
 * What every Backend must do. A test file of an adapter is one call of this; `functions` takes another framework's
 * `describe` and `it` (import from `@millrace/conformance/suite` then, which does not load Vitest).
 */
export function describeBackend(name: string, open: OpenBackend, functions: TestFunctions = { describe, it }): void {
  declareSuite(name, open, functions)
}
