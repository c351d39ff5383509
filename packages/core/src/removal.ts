import type { Backend, Page } from './backend.ts'
import { checkName, checkOptions, checkText } from './check.ts'
import { MAX_REASON_BYTES } from './limits.ts'
import { STATUS, type Status } from './status.ts'

export interface RemovalOptions {
  /** Stored as the records' error message. */
  readonly reason?: string
}

/** How many records of the queue still waited when their page was read, and what became of them. */
export interface RemovalReport {
  readonly matched: number
  readonly cancelled: number
  /** Not cancelled: it began to run meanwhile, it had ended, or it is gone. */
  readonly missed: number
}

const DEFAULT_REASON = 'removed from its queue before it began'

/** In the order in which records move on, so that one that moves while we look is met again. */
const WAITING: readonly Status[] = [STATUS.waiting, STATUS.scheduled, STATUS.pending]

/**
 * Cancels, page by page, everything of a queue that waits when this is called. What is enqueued meanwhile stays. It ends however fast that comes:
 * each list is walked from its end, where new records come in, so they stay behind.
 */
export async function removePending(
  backend: Backend,
  queue: string,
  options: RemovalOptions = {},
): Promise<RemovalReport> {
  checkName('queue', queue)
  checkOptions('options', options, ['reason'])
  const reason = checkText('options.reason', options.reason ?? DEFAULT_REASON, MAX_REASON_BYTES)
  const { at } = await backend.statistics({ queue })
  let [matched, cancelled] = [0, 0]
  for (const view of WAITING) {
    let cursor: string | null = null
    do {
      const page: Page = await backend.list({ view, queue, order: 'desc', cursor })
      const ids = page.records.filter(({ createdAt }) => createdAt <= at).map(({ id }) => id)
      const results = await backend.cancel({ ids, reason })
      matched += results.length
      cancelled += results.filter(({ outcome }) => outcome === 'ok').length
      cursor = page.cursor
    } while (cursor !== null)
  }
  return { matched, cancelled, missed: matched - cancelled }
}
