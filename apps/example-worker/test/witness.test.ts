import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hear, prepareWitness, witnessIn } from '../src/witness.ts'
import { record } from './records.ts'
import { tree } from './tree.ts'

test('a witness agrees with records whose every attempt started once', () => {
  const path = join(tree(), 'witness.ndjson')
  const witness = witnessIn(path)
  const [once, thrice, never] = [
    record({ key: 'a' }),
    record({ key: 'b', attempt: 3 }),
    record({ key: 'c', attempt: 0, status: 'cancelled' }),
  ]
  witness.started('a', once.id, 1)
  for (const attempt of [2, 1, 3]) witness.started('b', thrice.id, attempt)
  witness.started('another inventory’s', record().id, 1)
  expect(hear(path, [once, thrice, never])).toEqual({ starts: 4, records: 3, contradictions: [] })
})

test.each([
  ['missing', [1, 3], 'it started as 1, 3'],
  ['there twice', [1, 2, 2, 3], 'it started as 1, 2, 2, 3'],
  ['never made', [1, 2, 3, 4], 'it started as 1, 2, 3, 4'],
  ['unheard of', [], 'it started as none'],
])('a witness contradicts a record with an attempt that is %s', (_, attempts, text) => {
  const path = join(tree({ witness: '' }), 'witness')
  const one = record({ key: 'a', attempt: 3 })
  for (const attempt of attempts) witnessIn(path).started('a', one.id, attempt)
  expect(hear(path, [one]).contradictions).toEqual([`a: attempt 3, but ${text}`])
})

test.each(['{"key": "a", "id": "b", "att', '{"key": "a"}\n', undefined])(
  'a witness that holds %j is not believed',
  (text) => {
    const path = join(tree(text === undefined ? {} : { witness: text }), 'witness')
    expect(hear(path, []).contradictions).toEqual([`${path} cannot be read`])
  },
)

test.each([
  ['of a run that is over are forgotten', 0x7fff_ffff, 0],
  ['of this process are forgotten', process.pid, 0],
  ['of a program that still runs stay, as it has to hear them', process.ppid, 1],
])('the lines %s', (_, pid, starts) => {
  const one = record({ key: 'a' })
  const path = join(tree({ witness: `${JSON.stringify({ key: 'a', id: one.id, attempt: 1, pid })}\n` }), 'witness')
  prepareWitness(path)
  expect(hear(path, [one]).starts).toBe(starts)
})

test.each([{}, { witness: 'garbage' }])('a witness is prepared from %j', (leaves) => {
  const path = join(tree(leaves), 'witness')
  prepareWitness(path)
  expect(hear(path, [])).toEqual({ starts: 0, records: 0, contradictions: [] })
})
