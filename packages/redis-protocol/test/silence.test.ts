import { manualClock, type ManualClock } from '@millrace/core'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Silence } from '../src/library/silence.ts'

/** At most, from the last sign of life on. */
const GIVEN_UP_MS = 12_500

describe('a server', () => {
  let clock: ManualClock
  const hangUp = vi.fn<() => void>()
  const watched = { connection: {}, bytes: 0, isConnecting: false, hangUp }
  let silence: Silence

  beforeEach(() => {
    hangUp.mockClear()
    Object.assign(watched, { connection: {}, bytes: 0, isConnecting: false })
    clock = manualClock()
    silence = new Silence(clock, watched)
  })

  it('that owes an answer and says nothing for ten seconds is given up, and not before', () => {
    silence.owes()
    clock.advance(9_999)
    expect(hangUp).not.toHaveBeenCalled()
    clock.advance(GIVEN_UP_MS - 9_999)
    expect(hangUp).toHaveBeenCalledOnce()
  })

  it('that says something is not, however long an answer takes', () => {
    silence.owes()
    for (let second = 0; second < 60; second += 6) {
      watched.bytes += 1
      clock.advance(6_000)
    }
    expect(hangUp).not.toHaveBeenCalled()
    clock.advance(GIVEN_UP_MS)
    expect(hangUp).toHaveBeenCalledOnce()
  })

  it('has ten seconds from the first call on that it owes', () => {
    silence.owes()
    silence.answers()
    clock.advance(60_000)
    silence.owes()
    clock.advance(9_999)
    expect(hangUp).not.toHaveBeenCalled()
    clock.advance(GIVEN_UP_MS - 9_999)
    expect(hangUp).toHaveBeenCalledOnce()
  })

  it('has as long on another connection, whoever hung up on the one before', () => {
    silence.owes()
    clock.advance(9_900)
    watched.connection = {}
    clock.advance(9_999)
    expect(hangUp).not.toHaveBeenCalled()
    clock.advance(GIVEN_UP_MS - 9_999)
    expect(hangUp).toHaveBeenCalledOnce()
    watched.connection = {}
    clock.advance(9_999)
    expect(hangUp).toHaveBeenCalledOnce()
    clock.advance(GIVEN_UP_MS - 9_999)
    expect(hangUp).toHaveBeenCalledTimes(2)
  })

  it('is heard though the event loop was busy until now, and timers come before what has arrived is read', () => {
    silence.owes()
    clock.advance(GIVEN_UP_MS - 1)
    clock.after(1, () => (watched.bytes = 1))
    clock.advance(1)
    expect(hangUp).not.toHaveBeenCalled()
    expect(watched.bytes).toBe(1)
  })

  it('that lets nobody connect is given up though nobody waits for it any more', () => {
    silence.owes()
    silence.answers()
    watched.isConnecting = true
    silence.watch()
    clock.advance(GIVEN_UP_MS)
    expect(hangUp).toHaveBeenCalledOnce()
  })

  it('is watched with one timer, which ends with the debt', () => {
    for (let call = 0; call < 100; call++) {
      silence.owes()
      clock.advance(10)
      silence.answers()
    }
    expect(clock.pending).toBe(1)
    clock.advance(GIVEN_UP_MS)
    expect(clock.pending).toBe(0)
    silence.owes()
    silence.end()
    expect(clock.pending).toBe(0)
    expect(hangUp).not.toHaveBeenCalled()
  })
})
