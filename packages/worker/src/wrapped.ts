import { invalidArgument, type TaskContext } from '@millrace/core'
import type { Around } from './options.ts'

/**
 * One attempt with `around`. What the handler gives is what this gives, whatever `around` makes of it, but for what `around` throws. It ends
 * when both have ended.
 */
export async function wrapped(around: Around, context: TaskContext, handler: () => Promise<unknown>): Promise<unknown> {
  const started: Promise<unknown>[] = []
  let isOver = false

  function run(): Promise<unknown> {
    if (isOver) return refused('called run() after it had returned: the handler was not started')
    if (started.length > 0) return refused('called run() a second time: the handler was not started again')
    const handled = quiet(handler())
    started.push(handled)
    return handled
  }

  try {
    await around(context, run)
  } finally {
    isOver = true
    await Promise.allSettled(started)
  }
  const [handled] = started
  return await (handled ?? refused('returned without having called run(): the handler was not started'))
}

function refused(what: string): Promise<never> {
  return quiet(Promise.reject(invalidArgument('options.around', what)))
}

/** Whoever does not look at it does not end the process. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
