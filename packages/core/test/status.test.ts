import {
  allows, isStatus, isStatusEvent, isTerminal, leads, STATUS, STATUS_EVENTS, STATUSES, TERMINAL_STATUSES, TRANSITIONS, type Status,
} from '@millrace/core' // prettier-ignore
import { describe, expect, it } from 'vitest'

describe('the table', () => {
  it('knows eight statuses, each by its own name', () => {
    expect(STATUSES).toEqual([
      'waiting', 'pending', 'scheduled', 'running', 'completed', 'failed', 'cancelled', 'expired',
    ]) // prettier-ignore
    for (const [name, status] of Object.entries(STATUS)) expect(status).toBe(name)
  })

  it('knows fifteen events', () => {
    expect(STATUS_EVENTS).toEqual([
      'enqueue', 'hold', 'admit', 'promote', 'claim', 'complete', 'fail', 'retry', 'snooze', 'release', 'recover', 'cancel', 'expire',
      'replay', 'remove',
    ]) // prettier-ignore
    expect(Object.keys(TRANSITIONS)).toEqual(STATUS_EVENTS)
  })

  it.each(STATUS_EVENTS)('%s goes from statuses to statuses, each named once', (event) => {
    const { from, to } = TRANSITIONS[event]
    for (const side of [from, to]) {
      expect(side.every(isStatus)).toBe(true)
      expect(new Set(side).size).toBe(side.length)
    }
    expect(from.length > 0).toBe(event !== 'enqueue')
    expect(to.length > 0).toBe(event !== 'remove')
  })

  it('ends where retention begins', () => {
    expect(TERMINAL_STATUSES).toEqual(TRANSITIONS.remove.from)
    expect(TERMINAL_STATUSES).toEqual(['completed', 'failed', 'cancelled', 'expired'])
    expect(STATUSES.filter(isTerminal)).toEqual(TERMINAL_STATUSES)
  })

  it('leads on from a terminal status by replay and remove only', () => {
    for (const status of TERMINAL_STATUSES) {
      expect(STATUS_EVENTS.filter((event) => allows(event, status))).toEqual(['replay', 'remove'])
    }
  })

  it('reaches every status, and leaves each of them', () => {
    for (const status of STATUSES) {
      expect(STATUS_EVENTS.some((event) => TRANSITIONS[event].to.some((to) => to === status))).toBe(true)
      expect(STATUS_EVENTS.some((event) => allows(event, status))).toBe(true)
    }
  })

  it('lets a record run by a claim only, and every running one end', () => {
    expect(STATUS_EVENTS.filter((event) => TRANSITIONS[event].to.some((to) => to === 'running'))).toEqual(['claim'])
    expect(STATUS_EVENTS.filter((event) => allows(event, 'running'))).toEqual([
      'complete', 'fail', 'retry', 'snooze', 'release', 'recover', 'cancel',
    ]) // prettier-ignore
  })
})

describe('what the table allows', () => {
  const sources: readonly (Status | null)[] = [null, ...STATUSES]
  const every = STATUS_EVENTS.flatMap((event) => sources.flatMap((from) => STATUSES.map((to) => ({ event, from, to }))))

  it('is what leads somewhere', () => {
    for (const { event, from, to } of every) {
      const targets: readonly Status[] = TRANSITIONS[event].to
      const known: readonly Status[] = TRANSITIONS[event].from
      const expected = targets.includes(to) && (from === null ? event === 'enqueue' : known.includes(from))
      expect(leads(event, from, to), `${event}: ${from} -> ${to}`).toBe(expected)
      if (from !== null && leads(event, from, to)) expect(allows(event, from)).toBe(true)
    }
  })

  it('comes from nothing by enqueue only', () => {
    expect(every.filter(({ event, from, to }) => from === null && leads(event, from, to))).toEqual([
      { event: 'enqueue', from: null, to: 'waiting' },
      { event: 'enqueue', from: null, to: 'pending' },
      { event: 'enqueue', from: null, to: 'scheduled' },
    ])
    expect(STATUSES.some((status) => allows('enqueue', status))).toBe(false)
  })
})

it.each(['runing', 'Running', '', 'toString', '__proto__', 'constructor', null, undefined, 5, {}])(
  '%s is neither a status nor an event',
  (value) => expect([isStatus(value), isStatusEvent(value)]).toEqual([false, false]),
)
