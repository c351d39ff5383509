import { Discard, RetryAt, snooze, Snooze, verdictOf } from '@millrace/core'
import { describe, expect, it } from 'vitest'

const invalid = (parameter: string) => expect.objectContaining({ code: 'invalid_argument', parameter })

function thrownBy(make: () => unknown): unknown {
  try {
    return make()
  } catch (error) {
    return error
  }
}

describe('a verdict', () => {
  it('is an error that can be read, also where nobody knows of it', () => {
    for (const one of [snooze('5m'), new RetryAt(1_800_000_000_000), new Discard('no such user')]) {
      expect(one).toBeInstanceOf(Error)
      expect(one.message).not.toBe('')
    }
    expect(String(new RetryAt(1_800_000_000_000))).toContain('2027-01-15T08:00:00.000Z')
    const cause = new Error('busy')
    expect(new RetryAt(0, { cause }).cause).toBe(cause)
    expect(new Discard('gone', { cause }).cause).toBe(cause)
  })

  it('is known by what it is, not by which copy of the package has made it', () => {
    expect(verdictOf(snooze('1s'))).toEqual({ kind: 'snooze', delayMs: 1_000 })
    expect(verdictOf(new RetryAt(new Date(5)))).toEqual({ kind: 'retry', at: 5 })
    expect(verdictOf(new Discard())).toEqual({ kind: 'discard' })
    const foreign = Object.assign(new Error('other copy'), { millrace: 'snooze', delayMs: 7 })
    expect(verdictOf(foreign)).toEqual({ kind: 'snooze', delayMs: 7 })
  })

  it.each([
    null, 'text', new Error('plain'), { delayMs: 5 },
    { millrace: 'snooze' },
    { millrace: 'snooze', delayMs: -1 },
    { millrace: 'retry', at: Number.NaN },
    { millrace: 'else' },
    new Proxy({}, { has: () => { throw new Error('hostile') } }),
  ])('is not seen in %s', (thrown) => {
    expect(verdictOf(thrown)).toBeNull()
  }) // prettier-ignore

  it('refuses a delay or an instant that is none, by name', () => {
    expect(thrownBy(() => Reflect.construct(Snooze, [-1]))).toEqual(invalid('snooze delay'))
    expect(thrownBy(() => Reflect.apply(snooze, null, ['soon']))).toEqual(invalid('snooze delay'))
    expect(thrownBy(() => Reflect.construct(RetryAt, ['tomorrow']))).toEqual(invalid('RetryAt at'))
    expect(thrownBy(() => new RetryAt(1e15))).toEqual(invalid('RetryAt at'))
  })
})
