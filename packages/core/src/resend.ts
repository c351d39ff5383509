import { QueueError } from './errors.ts'

/**
 * Makes a call, and once more, word for word, if its reply was lost: only for calls that answer a resend as they answered at first.
 * @throws QueueError that is indeterminate if the second one fails in whatever way: the first may have taken effect.
 */
export async function resending<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!isIndeterminate(error)) throw error
    return await resend(call, error)
  }
}

/** The second time, after the reply to the first one was lost. */
export async function resend<T>(call: () => T | Promise<T>, lost: QueueError): Promise<T> {
  try {
    return await call()
  } catch (again) {
    const { code, message } = again instanceof QueueError ? again : lost
    throw new QueueError(code, `${message} (sent twice)`, { indeterminate: true, cause: again })
  }
}

export function isIndeterminate(error: unknown): error is QueueError {
  return error instanceof QueueError && error.indeterminate
}
