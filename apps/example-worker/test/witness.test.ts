import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, task, type TaskRecord } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { describe, expect, test } from 'vitest'
import { hear, prepareWitness, witnessIn } from '../src/witness.ts'
import { record } from './records.ts'
import { tree } from './tree.ts'

/** What is said of a record after handlers have started as these attempts. */
function heard(one: TaskRecord, attempts: readonly number[]): ReturnType<typeof hear> {
  const path = join(tree({ witness: '' }), 'witness')
  for (const attempt of attempts) witnessIn(path).started('a', one.id, attempt)
  return hear(path, [one])
}

describe('where nothing crashed', () => {
  test('a witness agrees with records whose every attempt started once', () => {
    const path = join(tree(), 'witness.ndjson')
    const witness = witnessIn(path)
    const [once, thrice, never] = [
      record({ key: 'a' }),
      record({ key: 'b', attempt: 3, retryCount: 2 }),
      record({ key: 'c', attempt: 0, status: 'cancelled', lastEvent: 'cancel' }),
    ]
    witness.started('a', once.id, 1)
    for (const attempt of [2, 1, 3]) witness.started('b', thrice.id, attempt)
    witness.started('another inventory’s', record().id, 1)
    expect(hear(path, [once, thrice, never])).toEqual({
      starts: 4,
      unbegun: 0,
      records: 3,
      processes: 1,
      contradictions: [],
    })
  })

  test.each([
    ['missing', [1, 3], 'it started as 1, 3'],
    ['there twice', [1, 2, 2, 3], 'it started as 1, 2, 2, 3'],
    ['never made', [1, 2, 3, 4], 'it started as 1, 2, 3, 4'],
    ['another one', [0, 1, 3], 'it started as 0, 1, 3'],
    ['unheard of', [], 'it started as none'],
  ])('a witness contradicts a record with an attempt that is %s', (_, attempts, text) => {
    const one = record({ key: 'a', attempt: 3, retryCount: 2 })
    expect(heard(one, attempts).contradictions).toEqual([`a: attempt 3, but ${text}`])
  })
})

describe('where a worker crashed or was shut down', () => {
  const recovered = { key: 'a', attempt: 3, recoveries: 2 } as const
  const released = { key: 'a', attempt: 3, retryCount: 1 } as const

  test.each([
    ['recovered, begun or not', recovered, [3], 2],
    ['recovered, begun or not', recovered, [1, 3], 1],
    ['recovered after they began', recovered, [1, 2, 3], 0],
    ['given back', released, [1, 3], 1],
    ['given back', released, [2, 3], 1],
    ['recovered until the record failed', { ...recovered, status: 'failed', lastEvent: 'recover' } as const, [], 3],
    ['running when it was cancelled', { attempt: 1, status: 'cancelled', lastEvent: 'cancel' } as const, [], 1],
    [
      'refused for what was stored',
      {
        status: 'failed',
        lastEvent: 'fail',
        error: { name: 'QueueError', message: 'bad', code: 'invalid_argument' },
      } as const,
      [],
      1,
    ],
  ])('attempts that were %s may have no line', (_, fields, attempts, unbegun) => {
    expect(heard(record(fields), attempts)).toEqual({
      starts: attempts.length,
      unbegun,
      records: 1,
      processes: Math.min(1, attempts.length),
      contradictions: [],
    })
  })

  test.each([
    ['the last one completed without a line', recovered, [1, 2], '(2 given back or recovered)'],
    ['one has two lines', recovered, [2, 2, 3], '(2 given back or recovered)'],
    ['one was never made', recovered, [3, 4], '(2 given back or recovered)'],
    ['a retry has no line', released, [3], '(1 given back or recovered)'],
  ])('but a witness contradicts if %s', (_, fields, attempts, part) => {
    expect(heard(record(fields), attempts).contradictions).toEqual([
      `a: attempt 3 ${part}, but it started as ${attempts.join(', ')}`,
    ])
  })

  test('and if a handler failed without having begun', () => {
    const failed = record({ key: 'a', status: 'failed', lastEvent: 'fail', error: { name: 'Error', message: 'x' } })
    expect(heard(failed, []).contradictions).toEqual(['a: attempt 1, failed, but it started as none'])
  })
})

test.each(['{"key": "a", "id": "b", "att', '{"key": "a"}\n', undefined])(
  'a witness that holds %j is not believed',
  (text) => {
    const path = join(tree(text === undefined ? {} : { witness: text }), 'witness')
    expect(hear(path, []).contradictions).toEqual([`${path} cannot be read`])
  },
)

describe('before a run, a witness', () => {
  const start = (id: string, pid: number): string => `${JSON.stringify({ key: 'a', id, attempt: 1, pid })}\n`
  const nobody = 0x7fff_ffff

  test.each([
    ['of a run that is over are forgotten', nobody, 0],
    ['of this process are forgotten', process.pid, 0],
    ['of a program that still runs stay, as it has to hear them', process.ppid, 1],
  ])('is emptied where it can be: the lines %s', async (_, pid, starts) => {
    const one = record({ key: 'a' })
    const path = join(tree({ witness: start(one.id, pid) }), 'witness')
    await using client = createClient({ backend: memoryBackend() })
    await prepareWitness(path, client)
    expect(hear(path, [one]).starts).toBe(starts)
  })

  test('keeps its lines while the backend has a record of one: its inventory goes on', async () => {
    await using client = createClient({ backend: memoryBackend() })
    const { id } = await client.enqueue(task('package.inspect'), {})
    const known = await client.get(id)
    const path = join(tree({ witness: start(record().id, nobody) + start(id, nobody) }), 'witness')
    await prepareWitness(path, client)
    expect(hear(path, [record({ ...known, attempt: 1 })]).starts).toBe(1)
  })

  test.each([{}, { witness: 'garbage' }])('is made from %j', async (leaves) => {
    const path = join(tree(leaves), 'witness')
    await using client = createClient({ backend: memoryBackend() })
    await prepareWitness(path, client)
    expect(existsSync(path)).toBe(true)
    expect(hear(path, [])).toEqual({ starts: 0, unbegun: 0, records: 0, processes: 0, contradictions: [] })
  })
})
