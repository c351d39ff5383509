import { QueueError } from '@millrace/core'
import { createWorker } from '@millrace/worker'

/** Whether this version's worker claims ahead. One that does not refuses the option's very name, before it looks at anything else. */
export function offersPrefetch(): boolean {
  try {
    Reflect.apply(createWorker, undefined, [{ prefetch: 0 }])
    return true
  } catch (error) {
    return !(error instanceof QueueError && error.parameter === 'options.prefetch')
  }
}
