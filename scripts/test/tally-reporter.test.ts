import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { TestModule } from 'vitest/node'
import TallyReporter from '../tally-reporter.ts'
import { repository } from './fixture.ts'

type State = 'passed' | 'failed' | 'skipped' | 'pending'

function module(state: string, ...tests: State[]): TestModule {
  const allTests = () => tests.map((test) => ({ result: () => ({ state: test }) })).values()
  return { state: () => state, children: { allTests } } as unknown as TestModule
}

function tallyOf(modules: TestModule[], unhandled: unknown[] = []): unknown {
  const file = join(repository({}), 'tally.json')
  vi.stubEnv('MILLRACE_TALLY', file)
  onTestFinished(() => void vi.unstubAllEnvs())
  new TallyReporter().onTestRunEnd(modules, unhandled)
  return JSON.parse(readFileSync(file, 'utf8'))
}

it('counts tests by their result; one that never ran is skipped', () => {
  expect(tallyOf([module('passed', 'passed', 'skipped'), module('failed', 'failed', 'passed', 'pending')])).toEqual({
    passed: 2,
    failed: 1,
    skipped: 2,
  })
})

it('counts a module that could not be loaded, and an error outside every test', () => {
  expect(tallyOf([module('failed')], [new Error('late')])).toEqual({ passed: 0, failed: 2, skipped: 0 })
})

it('counts nothing when nothing ran', () => {
  expect(tallyOf([])).toEqual({ passed: 0, failed: 0, skipped: 0 })
})
