import { manualClock, type ManualClock } from '@millrace/core'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Silence } from '../src/library/silence.ts'

describe('a server that owes an answer', () => {
  let clock: ManualClock
  const hangUp = vi.fn<() => void>()
  let silence: Silence

  beforeEach(() => {
    hangUp.mockClear()
    clock = manualClock()
    silence = new Silence(clock, hangUp)
  })

  it('and is silent for ten seconds is given up, and not before', () => {
    silence.owes()
    clock.advance(9_999)
    expect(hangUp).not.toHaveBeenCalled()
    clock.advance(1)
    expect(hangUp).toHaveBeenCalledOnce()
  })

  it('has ten seconds from its last answer on', () => {
    silence.owes()
    silence.owes()
    clock.advance(6_000)
    silence.answers()
    clock.advance(9_999)
    expect(hangUp).not.toHaveBeenCalled()
    clock.advance(1)
    expect(hangUp).toHaveBeenCalledOnce()
  })

  it('has ten seconds from the first call on that it owes', () => {
    silence.owes()
    silence.answers()
    clock.advance(6_000)
    silence.owes()
    clock.advance(3_000)
    silence.owes()
    clock.advance(6_999)
    expect(hangUp).not.toHaveBeenCalled()
    clock.advance(1)
    expect(hangUp).toHaveBeenCalledOnce()
  })

  it('has as long again on another connection', () => {
    silence.owes()
    clock.advance(19_999)
    expect(hangUp).toHaveBeenCalledOnce()
    clock.advance(1)
    expect(hangUp).toHaveBeenCalledTimes(2)
  })

  it('is watched with one timer, which ends with the debt', () => {
    for (let call = 0; call < 100; call++) {
      silence.owes()
      clock.advance(10)
      silence.answers()
    }
    expect(clock.pending).toBe(1)
    clock.advance(10_000)
    expect(clock.pending).toBe(0)
    expect(hangUp).not.toHaveBeenCalled()
  })
})
