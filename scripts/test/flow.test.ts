import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { flow, type Flow } from '../servers/flow.mjs'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function started(): { one: Flow; done: string[]; push: (...names: string[]) => void } {
  const one = flow()
  const done: string[] = []
  return { one, done, push: (...names) => names.forEach((name) => one.push(() => void done.push(name))) }
}

it('does at once and in order what it is given', () => {
  const { done, push } = started()
  push('a', 'b')
  expect(done).toEqual(['a', 'b'])
})

it('does nothing while it is shut, and then all of it', () => {
  const { one, done, push } = started()
  one.shut()
  push('a', 'b')
  expect(done).toEqual([])
  one.open()
  push('c')
  expect(done).toEqual(['a', 'b', 'c'])
})

it('delays each, and overtakes nothing when the delay ends', () => {
  const { one, done, push } = started()
  one.delay(10)
  push('a')
  vi.advanceTimersByTime(6)
  push('b')
  one.delay(0)
  push('c')
  vi.advanceTimersByTime(4)
  expect(done).toEqual(['a'])
  vi.advanceTimersByTime(6)
  expect(done).toEqual(['a', 'b', 'c'])
})

it('does nothing while it is shut though the delay is over', () => {
  const { one, done, push } = started()
  one.delay(10)
  push('a')
  one.shut()
  vi.advanceTimersByTime(20)
  expect(done).toEqual([])
  one.open()
  expect(done).toEqual(['a'])
})

it('forgets what was not done when it ends', () => {
  const { one, done, push } = started()
  one.delay(10)
  push('a')
  one.end()
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(20)
  expect(done).toEqual([])
})
