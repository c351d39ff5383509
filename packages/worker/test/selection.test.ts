import { createClient, type TaskRecord, type TurnRequest } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { describe, expect, it } from 'vitest'
import type { Attempt } from '../src/attempt.ts'
import { createHeld } from '../src/held.ts'
import { settingsOf, type WorkerOptions } from '../src/options.ts'
import { createPrefetched } from '../src/prefetched.ts'
import { createSelection, type LineClaim } from '../src/selection.ts'
import type { Slot } from '../src/slot.ts'
import { witness } from './harness.ts'

/** A selection, and a worker's hands to fill. */
function chosen(options: Pick<WorkerOptions, 'queues' | 'order'>) {
  const client = createClient({ backend: memoryBackend() })
  const settings = settingsOf({ client, tasks: [witness().task], random: () => 0.5, ...options })
  const [held, prefetched] = [createHeld(), createPrefetched()]
  const slots: { outstanding: TurnRequest | null }[] = [{ outstanding: null }, { outstanding: null }]
  let made = 0
  const recordOf = (queue: string) => ({ id: `${(made += 1)}`, attempt: 1, queue }) as TaskRecord
  const selection = createSelection(settings, { held, prefetched, slots: slots as unknown as Slot[] })
  return {
    selection,
    run(queue: string): Attempt {
      const record = recordOf(queue)
      const attempt = { id: record.id, attempt: 1, record, isOpen: false } as Attempt
      held.add(attempt)
      return attempt
    },
    returned: (attempt: Attempt) => held.remove(attempt),
    prefetch: (queue: string) => prefetched.add(recordOf(queue), 0),
    sends: (claim: LineClaim | null) =>
      void (slots[0] = { outstanding: { workerId: 'w', slot: 0, nonce: 'n', ...(claim === null ? {} : { claim }) } }),
    answers(claim: LineClaim, ...queues: string[]): void {
      slots[0] = { outstanding: null }
      selection.answered(claim, queues.map(recordOf))
    },
  }
}

const linesOf = (claim: LineClaim | null): readonly string[] | null =>
  claim?.lines.map(({ queue, limit = claim.limit }) => `${queue}:${limit}`) ?? null

describe('what a claim names', () => {
  it('is all queues as given, one and the same list, where none has a limit or a weight', () => {
    const { selection } = chosen({ queues: ['a', { name: 'b' }] })
    const [first, second] = [selection.claim(5), selection.claim(7)]
    expect(first).toEqual({
      lines: [
        { queue: 'a', executionBackend: 'local' },
        { queue: 'b', executionBackend: 'local' },
      ],
      limit: 5,
      order: 'priority',
    })
    expect(second?.lines).toBe(first?.lines)
    expect([selection.room, selection.isOwed, selection.open()]).toEqual([Infinity, false, undefined])
  })

  it('is of a limited queue what is left of it: beside what runs, what waits here, and what a call may bring', () => {
    const { selection, run, prefetch, sends } = chosen({ queues: [{ name: 'a', concurrency: 6 }, 'b'] })
    expect(linesOf(selection.claim(10))).toEqual(['a:6', 'b:10'])
    run('a')
    run('b')
    expect(linesOf(selection.claim(10))).toEqual(['a:5', 'b:10'])
    prefetch('a')
    prefetch('a')
    expect(linesOf(selection.claim(10))).toEqual(['a:3', 'b:10'])
    sends({ lines: [{ queue: 'a', executionBackend: 'local', limit: 2 }], limit: 10 })
    expect(linesOf(selection.claim(10))).toEqual(['a:1', 'b:10'])
    sends({ lines: [{ queue: 'a', executionBackend: 'local' }], limit: 3 })
    expect(linesOf(selection.claim(10))).toEqual(['b:10'])
    expect(selection.open()).toEqual([{ queue: 'b', executionBackend: 'local' }])
  })

  it('is nothing where all are full', () => {
    const { selection, run } = chosen({
      queues: [
        { name: 'a', concurrency: 1 },
        { name: 'b', concurrency: 2 },
      ],
    })
    run('a')
    run('b')
    expect(selection.room).toBe(1)
    run('b')
    expect([selection.claim(10), selection.room, selection.open()]).toEqual([null, 0, []])
  })

  it('is owed once there is room for what was left out, until a claim names it', () => {
    const { selection, run, returned } = chosen({ queues: [{ name: 'a', concurrency: 1 }, 'b'] })
    const running = run('a')
    expect(selection.isOwed).toBe(false)
    selection.claim(5)
    expect(selection.isOwed).toBe(false)
    returned(running)
    expect(selection.isOwed).toBe(true)
    selection.claim(5)
    expect(selection.isOwed).toBe(false)
  })

  it('is owed where a claim took all that it might of a queue, but not where it took less', () => {
    const bench = chosen({ queues: ['a', 'b'], order: 'weighted' })
    const claim = bench.selection.claim(10)
    expect(linesOf(claim)).toEqual(['a:5', 'b:10'])
    if (claim === null) return
    bench.answers(claim, 'a', 'a', 'a', 'a', 'b')
    expect(bench.selection.isOwed).toBe(false)
    bench.answers(claim, 'a', 'a', 'a', 'a', 'a', 'b')
    expect(bench.selection.isOwed).toBe(true)
  })

  it('gives what an empty queue leaves to one that had more', () => {
    const bench = chosen({ queues: ['a', 'b', 'c'], order: 'weighted' })
    const claim = bench.selection.claim(9)
    expect(linesOf(claim)).toEqual(['a:3', 'c:3', 'b:9'])
    if (claim === null) return
    bench.answers(claim, 'a', 'a', 'a', 'c')
    expect(linesOf(bench.selection.claim(9))).toEqual(['b:3', 'c:3', 'a:9'])
  })
})
