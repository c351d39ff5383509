import { QueueError } from '@millrace/core'

/** What a refused call says: which error, about which parameter. */
export interface Refusal {
  readonly code: string
  readonly parameter: string | null
}

/** The QueueError that `act` throws. Anything else, or nothing, fails the test. */
export function thrownBy(act: () => unknown): QueueError {
  try {
    act()
  } catch (error) {
    return asQueueError(error)
  }
  throw new Error('nothing was refused')
}

/** The QueueError that `act` rejects with; one that it throws at once fails the test. */
export async function rejectionOf(act: () => Promise<unknown>): Promise<QueueError> {
  const call = act()
  try {
    await call
  } catch (error) {
    return asQueueError(error)
  }
  throw new Error('nothing was refused')
}

export function refusal(act: () => unknown): Refusal {
  const { code, parameter } = thrownBy(act)
  return { code, parameter }
}

export async function rejection(act: () => Promise<unknown>): Promise<Refusal> {
  const { code, parameter } = await rejectionOf(act)
  return { code, parameter }
}

export const invalid = (parameter: string): Refusal => ({ code: 'invalid_argument', parameter })
export const tooLarge = (parameter: string): Refusal => ({ code: 'too_large', parameter })
export const unserializable = (parameter: string): Refusal => ({ code: 'not_serializable', parameter })

function asQueueError(error: unknown): QueueError {
  if (error instanceof QueueError) return error
  throw new Error('not refused but broken', { cause: error })
}
