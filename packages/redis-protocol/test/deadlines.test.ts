import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Deadlines } from '../src/deadlines.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const never = (): Promise<never> => new Promise(() => {})

async function codeOf(call: Promise<unknown>): Promise<unknown> {
  return await call.catch((error: unknown) => (error instanceof Error && 'code' in error ? error.code : error))
}

it('gives up each call in its own time, and not before', async () => {
  const deadlines = new Deadlines(1_000)
  const first = codeOf(deadlines.within(never()))
  await vi.advanceTimersByTimeAsync(600)
  let isOver = false
  const second = codeOf(deadlines.within(never())).finally(() => (isOver = true))
  await vi.advanceTimersByTimeAsync(400)
  expect(await first).toBe('timeout')
  await vi.advanceTimersByTimeAsync(599)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(await second).toBe('timeout')
})

it('passes on what was answered in time, and needs one timer for all', async () => {
  const deadlines = new Deadlines(1_000)
  const problem = new Error('refused')
  expect(await deadlines.within(Promise.resolve(5))).toBe(5)
  await expect(deadlines.within(Promise.reject(problem))).rejects.toBe(problem)
  for (let i = 0; i < 100; i++) await deadlines.within(Promise.resolve(i))
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(vi.getTimerCount()).toBe(0)
  const late = codeOf(deadlines.within(never()))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await late).toBe('timeout')
})

it('does not look again and again where the time is longer than a timer runs', async () => {
  const deadlines = new Deadlines(2 ** 40)
  const call = codeOf(deadlines.within(Promise.resolve('in time')))
  expect(await call).toBe('in time')
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(10)
  expect(vi.getTimerCount()).toBe(1)
})

it('drops what is answered or refused too late', async () => {
  const deadlines = new Deadlines(1_000)
  const late = [Promise.withResolvers<number>(), Promise.withResolvers<number>()] as const
  const calls = late.map(({ promise }) => codeOf(deadlines.within(promise)))
  await vi.advanceTimersByTimeAsync(1_000)
  late[0].resolve(5)
  late[1].reject(new Error('refused'))
  expect(await Promise.all(calls)).toEqual(['timeout', 'timeout'])
})
