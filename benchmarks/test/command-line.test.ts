import { expect, it } from 'vitest'
import { wishesOf } from '../src/command-line.ts'
import { FULL, QUICK } from '../src/plan.ts'
import { ROWS } from '../src/rows/all-rows.ts'

it('without options everything is measured, in full', () => {
  expect(wishesOf([])).toMatchObject({ plan: FULL, rows: ROWS, kinds: ['redis', 'valkey'], isComplete: true })
})

it('rows, servers, peers, rounds and counts can be chosen', () => {
  const words = '--quick --only process,idle --server valkey --peers millrace --rounds 3 --scale 0.5'.split(' ')
  const { plan, rows, kinds, peers, isComplete } = wishesOf(words)
  expect(rows.map(({ name }) => name)).toEqual(['process', 'idle'])
  expect([kinds, peers, isComplete]).toEqual([['valkey'], ['bullmq', 'millrace'], false])
  expect(plan.rounds).toBe(3)
  expect(plan.process.records).toBe(QUICK.process.records / 2)
})

it.for(['--only nothing', '--server mysql', '--peers celery', '--rounds 0', '--scale few', '--fast'])(
  '%s is refused',
  (words) => {
    expect(() => wishesOf(words.split(' '))).toThrow(/--/)
  },
)
