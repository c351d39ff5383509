import { manualClock } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { createBackoff } from '../src/backoff.ts'
import { within } from '../src/deadline.ts'
import { createPolling } from '../src/polling.ts'
import { createReporter, type Report } from '../src/report.ts'
import { createSettlements } from '../src/settlements.ts'

const nothing = { taken: 0, more: false, nextDueInMs: null }

describe('polling', () => {
  it('is due at once, again at once while there is more, and after a pause when there is not', () => {
    const clock = manualClock()
    const polling = createPolling({ minMs: 100, maxMs: 1_000 }, clock)
    expect(polling.dueAt).toBe(clock.now())
    polling.answered({ taken: 5, more: true, nextDueInMs: null })
    expect(polling.dueAt).toBe(clock.now())
    polling.answered({ taken: 1, more: false, nextDueInMs: null })
    expect(polling.dueAt).toBe(clock.now() + 100)
  })

  it('follows the first false hints at once, and a flood of them no faster than the shortest pause', () => {
    const clock = manualClock()
    const polling = createPolling({ minMs: 100, maxMs: 1_000 }, clock)
    for (let i = 0; i < 10; i++) {
      polling.hint()
      expect(polling).toMatchObject({ dueAt: clock.now(), isHinted: true })
      polling.answered(nothing)
    }
    polling.hint()
    expect(polling.dueAt).toBe(clock.now() + 100)
    polling.answered({ taken: 1, more: false, nextDueInMs: null })
    polling.hint()
    expect(polling.dueAt).toBe(clock.now())
  })

  it('is never later than the next due time', () => {
    const clock = manualClock()
    const polling = createPolling({ minMs: 100, maxMs: 10_000 }, clock)
    for (let i = 0; i < 8; i++) polling.answered(nothing)
    expect(polling.dueAt).toBe(clock.now() + 10_000)
    polling.answered({ ...nothing, nextDueInMs: 3 })
    expect(polling.dueAt).toBe(clock.now() + 3)
  })
})

describe('backoff', () => {
  it('doubles up to its limit, with full jitter, and begins anew', () => {
    const backoff = createBackoff(5_000, () => 1)
    expect(Array.from({ length: 8 }, () => backoff.next())).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
    expect(backoff.failures).toBe(8)
    backoff.reset()
    expect(backoff.next()).toBe(100)
    expect(createBackoff(5_000, () => 0.5).next()).toBe(50)
    for (let i = 0; i < 2_000; i++) backoff.next()
    expect(backoff.next()).toBe(5_000)
  })
})

describe('deadline', () => {
  it('lets an answer win that is already there when the blocked event loop comes to itself (F16)', async () => {
    const clock = manualClock()
    const { signal } = new AbortController()
    const answer = new Promise<string>((resolve) => void setImmediate(() => resolve('there')))
    const awaited = within(answer, { clock, ms: 1_000, signal, what: 'a call' })
    clock.advance(60_000)
    expect(await awaited).toBe('there')
  })

  it('ends in an indeterminate error, when the time is over or nobody waits any more', async () => {
    const clock = manualClock()
    const over = new AbortController()
    const never = new Promise<never>(() => undefined)
    const late = within(never, { clock, ms: 1_000, signal: over.signal, what: 'a call' })
    clock.advance(1_000)
    await expect(late).rejects.toMatchObject({
      code: 'timeout',
      indeterminate: true,
      message: 'a call was not answered within 1000 ms',
    })
    const abandoned = within(never, { clock, ms: Infinity, signal: over.signal, what: 'a call' })
    over.abort()
    await expect(abandoned).rejects.toMatchObject({ code: 'closed', indeterminate: true })
    await expect(within(never, { clock, ms: 1, signal: over.signal, what: 'a call' })).rejects.toMatchObject({
      code: 'closed',
    })
    expect(clock.pending).toBe(0)
  })
})

describe('settlements', () => {
  it('stay until they are answered, and the first outcome of an attempt counts', () => {
    const settlements = createSettlements(2)
    const release = { outcome: 'release', attempt: 1 } as const
    settlements.add({ ...release, id: 'a' })
    settlements.add({ outcome: 'snooze', id: 'a', attempt: 1, delayMs: 5 })
    settlements.add({ ...release, id: 'b' })
    settlements.add({ ...release, id: 'c' })
    expect(settlements.batch().map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(['a release', 'b release'])
    expect(settlements.size).toBe(3)
    expect(settlements.batch()).toHaveLength(2)
    settlements.answered(settlements.batch())
    expect(settlements.size).toBe(1)
    expect(settlements.has({ id: 'c', attempt: 1 })).toBe(true)
    expect(settlements.has({ id: 'a', attempt: 1 })).toBe(false)
  })
})

describe('reporter', () => {
  it('tells each kind at most once a second, and how many it left out', () => {
    const clock = manualClock()
    const reports: Report[] = []
    const report = createReporter((one) => reports.push(one), clock)
    for (let i = 0; i < 5; i++) report({ level: 'error', what: 'turn-failed', message: `${i}` })
    report({ level: 'warning', what: 'lost', message: 'another kind' })
    clock.advance(1_000)
    report({ level: 'error', what: 'turn-failed', message: '5' })
    clock.advance(1_000)
    report({ level: 'error', what: 'turn-failed', message: '6' })
    expect(reports.map(({ message, suppressed }) => [message, suppressed])).toEqual([
      ['0', undefined],
      ['another kind', undefined],
      ['5', 4],
      ['6', undefined],
    ])
  })
})
