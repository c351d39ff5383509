/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 */

/**
 * What a test run amounts to. Green needs a test that passed, none that failed, no broken step, and in CI none that was skipped.
 * @param {{ tally: Tally | undefined, brokenSteps: number, isGreen: boolean, inCi: boolean }} run `isGreen`: the runner's own exit code was 0
 * @returns {{ ok: boolean, problems: string[], line: string }}
 */
export function verdictOf({ tally, brokenSteps, isGreen, inCi }) {
  const { passed, failed, skipped } = tally ?? { passed: 0, failed: 0, skipped: 0 }
  const problems = []
  if (tally === undefined) problems.push('The test runner ended without a result.')
  else if (passed === 0) problems.push('No test passed: nothing was proved.')
  if (brokenSteps > 0) problems.push('A step before the tests failed; its output is above.')
  if (inCi && skipped > 0) problems.push('In CI no test may be skipped.')
  if (!isGreen && tally !== undefined && failed === 0) problems.push('The test runner itself failed; see above.')

  const unexplained = failed === 0 && brokenSteps === 0 && (!isGreen || passed === 0) ? 1 : 0
  const failures = failed + brokenSteps + unexplained
  const ok = failures === 0 && passed > 0 && !(inCi && skipped > 0)
  return { ok, problems, line: `${passed} passed, ${failures} failed, ${skipped} skipped` }
}
