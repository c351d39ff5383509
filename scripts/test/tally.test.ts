import { expect, it } from 'vitest'
import { verdictOf } from '../checks/tally.mjs'

const green = { tally: { passed: 3, failed: 0, skipped: 0 }, brokenSteps: 0, isGreen: true, inCi: true }

it('is green when something passed and nothing else happened', () => {
  expect(verdictOf(green)).toEqual({ ok: true, problems: [], line: '3 passed, 0 failed, 0 skipped' })
})

it.for([
  ['a test failed', { tally: { passed: 3, failed: 1, skipped: 0 }, isGreen: false }, '3 passed, 1 failed, 0 skipped'],
  ['nothing ran', { tally: { passed: 0, failed: 0, skipped: 0 } }, '0 passed, 1 failed, 0 skipped'],
  ['everything was skipped', { tally: { passed: 0, failed: 0, skipped: 5 } }, '0 passed, 1 failed, 5 skipped'],
  ['the runner left no result', { tally: undefined, isGreen: false }, '0 passed, 1 failed, 0 skipped'],
  ['the runner failed after its tests', { isGreen: false }, '3 passed, 1 failed, 0 skipped'],
  ['a step before the tests broke', { brokenSteps: 1 }, '3 passed, 1 failed, 0 skipped'],
  ['a test was skipped in CI', { tally: { passed: 3, failed: 0, skipped: 1 } }, '3 passed, 0 failed, 1 skipped'],
] as const)('is red when %s', ([, change, line]) => {
  expect(verdictOf({ ...green, ...change })).toMatchObject({ ok: false, line })
})

it('lets a test be skipped on the way', () => {
  expect(verdictOf({ ...green, tally: { passed: 3, failed: 0, skipped: 1 }, inCi: false }).ok).toBe(true)
})
