import { manualClock, systemClock } from '@millrace/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

describe('the system clock', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 5_000 }))
  afterEach(() => void vi.useRealTimers())

  it('tells epoch milliseconds', () => {
    expect(systemClock.now()).toBe(5_000)
  })

  it('calls back once, and not before its time', () => {
    const callback = vi.fn<() => void>()
    systemClock.after(100, callback)
    vi.advanceTimersByTime(99)
    expect(callback).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1_000)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  it('takes a callback back, as often as asked', () => {
    const callback = vi.fn<() => void>()
    const cancel = systemClock.after(100, callback)
    cancel()
    cancel()
    vi.advanceTimersByTime(1_000)
    expect(callback).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([-1, 0, Number.NEGATIVE_INFINITY])('takes %d for now', (ms) => {
    const callback = vi.fn<() => void>()
    systemClock.after(ms, callback)
    vi.advanceTimersByTime(0)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  it('waits longer than a timer can', () => {
    const longest = 2 ** 31 - 1
    const callback = vi.fn<() => void>()
    systemClock.after(longest * 2 + 10, callback)
    vi.advanceTimersByTime(longest)
    vi.advanceTimersByTime(longest)
    vi.advanceTimersByTime(9)
    expect(callback).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  it('takes back what waits in its second timer', () => {
    const callback = vi.fn<() => void>()
    const cancel = systemClock.after(2 ** 31 + 100, callback)
    vi.advanceTimersByTime(2 ** 31 - 1)
    cancel()
    vi.advanceTimersByTime(1_000)
    expect(callback).not.toHaveBeenCalled()
  })
})

describe('the manual clock', () => {
  it('stands still until it is moved', () => {
    const clock = manualClock(1_000)
    expect(clock.now()).toBe(1_000)
    clock.advance(5)
    expect(clock.now()).toBe(1_005)
    expect(manualClock().now()).toBe(1_800_000_000_000)
  })

  it('calls back in the order of time, each at its own instant, ties as they were set', () => {
    const clock = manualClock(0)
    const calls: string[] = []
    const note = (name: string) => (): void => void calls.push(`${name}@${clock.now()}`)
    clock.after(30, note('late'))
    clock.after(10, note('first'))
    clock.after(20, note('tie one'))
    clock.after(20, note('tie two'))
    clock.after(31, note('never'))
    clock.advance(30)
    expect(calls).toEqual(['first@10', 'tie one@20', 'tie two@20', 'late@30'])
    expect(clock.pending).toBe(1)
    expect(clock.now()).toBe(30)
  })

  it('also calls what a callback sets, if it falls due on the way', () => {
    const clock = manualClock(0)
    const calls: number[] = []
    const again = (): void => {
      calls.push(clock.now())
      clock.after(10, again)
    }
    clock.after(10, again)
    clock.advance(35)
    expect(calls).toEqual([10, 20, 30])
    expect(clock.pending).toBe(1)
  })

  it('takes a callback back, also from within another one', () => {
    const clock = manualClock(0)
    const second = vi.fn<() => void>()
    const cancel = clock.after(20, second)
    clock.after(10, () => cancel())
    clock.advance(100)
    cancel()
    expect(second).not.toHaveBeenCalled()
    expect(clock.pending).toBe(0)
  })

  it('calls back at once, when moved, what was set for the past', () => {
    const clock = manualClock(0)
    const callback = vi.fn<() => void>()
    clock.after(-50, callback)
    expect(callback).not.toHaveBeenCalled()
    clock.advance(0)
    expect(callback).toHaveBeenCalledTimes(1)
    expect(clock.now()).toBe(0)
  })
})
