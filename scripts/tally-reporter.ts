import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/**
 * Counts what ran. A module that fails before its tests (a broken import) and an error that no test caught are failures too.
 * Writes the counts to the file named in MILLRACE_TALLY, or else the closing line to standard output after everything else.
 */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<unknown>): void {
    const tally = { passed: 0, failed: unhandled.length, skipped: 0 }
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      const failedElsewhere = module.state() === 'failed' && tests.every((test) => test.result().state !== 'failed')
      if (failedElsewhere) tally.failed++
      for (const test of tests) {
        const { state } = test.result()
        if (state === 'pending') tally.skipped++
        else tally[state]++
      }
    }
    const file = process.env['MILLRACE_TALLY']
    if (file !== undefined) return writeFileSync(file, JSON.stringify(tally))
    const line = `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`
    process.once('exit', () => process.stdout.write(line))
  }
}
