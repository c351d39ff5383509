import { createRegister, manualClock, type Clock } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { createAlarm } from '../src/alarm.ts'
import { createBackoff } from '../src/backoff.ts'
import { within } from '../src/deadline.ts'
import { createPace } from '../src/pace.ts'
import { createPolling } from '../src/polling.ts'
import { createReporter, type Report } from '../src/report.ts'
import { createSettlements } from '../src/settlements.ts'
import { rounds } from './harness.ts'

const nothing = { taken: 0, more: false, nextDueInMs: null }

/** What it says can be set, what it measures cannot. */
function settable() {
  const real = manualClock()
  let ahead = 0
  const clock: Clock = { now: () => real.now() + ahead, after: (ms, callback) => real.after(ms, callback) }
  return {
    clock,
    pass: (ms: number) => real.advance(ms),
    set: (ms: number) => (ahead += ms),
    timers: () => real.pending,
  }
}

describe('an alarm', () => {
  it('rings once, at the earliest instant that it was set to, and is set anew by the one whom it woke', () => {
    const { clock, pass } = settable()
    const rung: number[] = []
    const start = clock.now()
    const alarm = createAlarm(clock, () => rung.push(clock.now() - start))
    for (const ms of [300, 100, 200]) alarm.set(start + ms)
    pass(1_000)
    alarm.set(start + 1_500)
    pass(1_000)
    alarm.set(Infinity)
    alarm.set(start + 2_500)
    alarm.off()
    pass(1_000)
    expect(rung).toEqual([100, 1_500])
  })

  it('that should have rung by a clock that was set ahead is set anew, or taken back', () => {
    const { clock, pass, set, timers } = settable()
    let rings = 0
    const alarm = createAlarm(clock, () => (rings += 1))
    alarm.set(clock.now() + 2_000)
    set(3_600_000)
    alarm.set(Infinity)
    expect(timers()).toBe(0)
    alarm.set(clock.now() + 2_000)
    set(3_600_000)
    alarm.set(clock.now() + 100)
    pass(100)
    expect(rings).toBe(1)
  })
})

describe('a register', () => {
  it('keeps what it holds in order, however much has passed through it', () => {
    const register = createRegister<number>()
    for (let i = 0; i < 1_000; i++) {
      register.set(`${i}`, i)
      if (i >= 3) register.delete(`${i - 3}`)
    }
    register.delete('none')
    expect([...register.values()]).toEqual([997, 998, 999])
    expect([register.size, register.get('998'), register.get('5')]).toEqual([3, 998, undefined])
  })
})

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
      polling.asked()
      polling.answered(nothing)
    }
    polling.hint()
    expect(polling.dueAt).toBe(clock.now() + 100)
    polling.asked()
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

  it('follows a hint that came while a claim was under way', () => {
    const clock = manualClock()
    const polling = createPolling({ minMs: 100, maxMs: 1_000 }, clock)
    polling.asked()
    polling.hint()
    polling.answered(nothing)
    expect(polling).toMatchObject({ dueAt: clock.now(), isHinted: true })
    polling.asked()
    polling.answered(nothing)
    expect(polling).toMatchObject({ dueAt: clock.now() + 200, isHinted: false })
  })

  it('goes on as it was after work that a hint told of, and begins anew after work that it found by itself', () => {
    const clock = manualClock()
    const polling = createPolling({ minMs: 100, maxMs: 1_000 }, clock)
    for (let i = 0; i < 8; i++) polling.answered(nothing)
    polling.hint()
    polling.asked()
    polling.answered({ taken: 1, more: false, nextDueInMs: null })
    expect(polling.dueAt).toBe(clock.now() + 1_000)
    polling.answered(nothing)
    expect(polling.dueAt).toBe(clock.now() + 1_000)
    polling.answered({ taken: 1, more: false, nextDueInMs: null })
    expect(polling.dueAt).toBe(clock.now() + 100)
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
  it.each([-3_600_000, 3_600_000])('is as long as it was, by a clock that is set by %i ms meanwhile', async (jump) => {
    const { clock, pass, set } = settable()
    const { signal } = new AbortController()
    const never = new Promise<never>(() => {})
    const settled: string[] = []
    const wait = (what: string): Promise<unknown> =>
      within(never, { clock, ms: 300, signal, what }).catch((error: Error) => settled.push(error.message))
    void wait('the first')
    pass(200)
    set(jump)
    void wait('the second')
    pass(100)
    await rounds(2)
    expect(settled).toEqual(['the first was not answered within 300 ms'])
    pass(200)
    await rounds(2)
    expect(settled[1]).toBe('the second was not answered within 300 ms')
  })

  it('lets an answer win that is already there when the blocked event loop comes to itself (F16)', async () => {
    const clock = manualClock()
    const { signal } = new AbortController()
    const answer = new Promise<string>((resolve) => void setImmediate(() => resolve('there')))
    const awaited = within(answer, { clock, ms: 1_000, signal, what: 'a call' })
    clock.advance(60_000)
    expect(await awaited).toBe('there')
  })

  it('lets an answer win that comes in the moment in which nobody waits any more, and forgets both', async () => {
    const clock = manualClock()
    const over = new AbortController()
    const { promise, resolve } = Promise.withResolvers<string>()
    const awaited = within(promise, { clock, ms: 1_000, signal: over.signal, what: 'a call' })
    resolve('there')
    over.abort()
    expect(await awaited).toBe('there')
    expect(clock.pending).toBe(0)
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

  it('are in one call at a time, and go again before the others when it was given up', () => {
    const settlements = createSettlements(10)
    const outcomes = ['a', 'b', 'c'].map((id) => ({ outcome: 'release', id, attempt: 1 }) as const)
    for (const one of outcomes.slice(0, 2)) settlements.add(one)
    const first = settlements.batch()
    settlements.sent(first)
    expect(settlements.batch()).toEqual([])
    for (const one of outcomes) settlements.add(one)
    expect([settlements.size, settlements.queued]).toEqual([3, 1])
    settlements.returned(first)
    expect(settlements.batch().map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    settlements.answered(first)
    settlements.returned(first)
    expect([settlements.size, settlements.queued]).toEqual([1, 1])
  })

  it('of two attempts on one record are two', () => {
    const settlements = createSettlements(10)
    const outcomes = [1, 2, 3].map((attempt) => ({ outcome: 'release', id: 'a', attempt }) as const)
    for (const one of [...outcomes, ...outcomes]) settlements.add(one)
    expect(settlements.batch()).toEqual(outcomes)
    settlements.answered(outcomes.slice(0, 1))
    expect(outcomes.map((one) => settlements.has(one))).toEqual([false, true, true])
    settlements.add({ outcome: 'release', id: 'a', attempt: 4 })
    settlements.answered(outcomes.slice(1))
    expect(settlements.batch()).toEqual([{ outcome: 'release', id: 'a', attempt: 4 }])
    expect([settlements.size, settlements.queued]).toEqual([1, 1])
  })
})

describe('pace', () => {
  /** `count` handlers of `handlerMs` return within 10 ms, while turns take `tripMs`. */
  function tenMs(
    pace: ReturnType<typeof createPace>,
    clock: ReturnType<typeof manualClock>,
    seen: readonly number[],
  ): void {
    const [count = 0, handlerMs = 0, tripMs = 0] = seen
    for (let i = 0; i < count; i++) pace.returned(handlerMs)
    pace.answered(tripMs)
    clock.advance(10)
  }

  it('is nothing until handlers were seen to be short, then two round trips of them', () => {
    const clock = manualClock()
    const pace = createPace({ concurrency: 10, most: 200 }, clock)
    expect(pace.ahead).toBe(0)
    for (let i = 0; i < 9; i++) {
      tenMs(pace, clock, [50, 2, 3])
      expect(pace.ahead).toBeLessThanOrEqual(30)
    }
    expect(pace.ahead).toBe(29)
  })

  it('is never more than the limit, and never more than 20 ms of work', () => {
    const clock = manualClock()
    const few = createPace({ concurrency: 10, most: 7 }, clock)
    const far = createPace({ concurrency: 10, most: 200 }, clock)
    const none = createPace({ concurrency: 10, most: 0 }, clock)
    for (let i = 0; i < 20; i++) {
      for (let n = 0; n < 50; n++) for (const pace of [few, far, none]) pace.returned(2)
      for (const pace of [few, far, none]) pace.answered(500)
      clock.advance(10)
      for (const pace of [few, far, none]) void pace.ahead
    }
    expect([few.ahead, far.ahead, none.ahead]).toEqual([7, 100, 0])
  })

  it('is nothing for long handlers, also when many of them return together', () => {
    const clock = manualClock()
    const pace = createPace({ concurrency: 10, most: 200 }, clock)
    for (let i = 0; i < 5; i++) {
      tenMs(pace, clock, [10, 60_000, 20])
      expect(pace.ahead).toBe(0)
      clock.advance(60_000)
    }
  })

  it('is nothing again when nothing has returned for a while, and for ten seconds after a mistake', () => {
    const clock = manualClock()
    const pace = createPace({ concurrency: 10, most: 200 }, clock)
    tenMs(pace, clock, [50, 1, 5])
    tenMs(pace, clock, [50, 1, 5])
    expect(pace.ahead).toBeGreaterThan(10)
    clock.advance(1_000)
    expect(pace.ahead).toBe(0)
    for (let i = 0; i < 3; i++) tenMs(pace, clock, [50, 1, 5])
    expect(pace.ahead).toBeGreaterThan(10)
    pace.mistaken()
    for (let i = 0; i < 999; i++) {
      tenMs(pace, clock, [50, 1, 5])
      expect(pace.ahead).toBe(0)
    }
    tenMs(pace, clock, [50, 1, 5])
    expect(pace.ahead).toBeGreaterThan(10)
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
