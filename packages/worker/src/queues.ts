import {
  checkArray,
  checkInteger,
  checkName,
  checkNoNull,
  checkOptions,
  DEFAULT_QUEUE,
  invalidArgument,
  type Limits,
  type Runnable,
} from '@millrace/core'

/** In which order a worker claims from its queues. */
export type QueueOrder = 'priority' | 'listed' | 'weighted'

export const QUEUE_ORDERS: readonly QueueOrder[] = ['priority', 'listed', 'weighted']

/** A queue that a worker claims from, and how much of the worker it may have. */
export interface QueueSettings {
  readonly name: string
  /** Handlers of this queue that run at the same time in this worker, at most; what waits here for its handler counts as well. Default: all. */
  readonly concurrency?: number
  /** With `order: 'weighted'`: its share beside those of the other queues, from 1 to 1000; default 1. */
  readonly weight?: number
}

/** The same, checked and complete. */
export interface QueuePlan {
  readonly queue: string
  /** Infinity: no limit of its own. */
  readonly most: number
  readonly weight: number
}

const MOST_WEIGHT = 1_000

/** @throws QueueError `invalid_argument` that names the part at fault. */
export function queuesOf(
  given: readonly (string | QueueSettings)[] | undefined,
  order: QueueOrder,
  { tasks, limits }: { readonly tasks: ReadonlyMap<string, Runnable>; readonly limits: Limits },
): readonly QueuePlan[] {
  if (given === undefined) {
    const names = new Set([...tasks.values()].map(({ options }) => options.queue)).add(DEFAULT_QUEUE)
    return [...names].map(unlimited)
  }
  const plans = checkArray('options.queues', given, limits.batch).map((queue, i) =>
    typeof queue === 'string'
      ? unlimited(checkName(`options.queues[${i}]`, queue))
      : planOf(`options.queues[${i}]`, queue, { order, most: limits.batch }),
  )
  if (plans.length === 0) throw invalidArgument('options.queues', 'must name at least one queue')
  const seen = new Set<string>()
  plans.forEach(({ queue }, i) => {
    const parameter = `options.queues[${i}]${typeof given[i] === 'string' ? '' : '.name'}`
    if (seen.has(queue)) throw invalidArgument(parameter, `must not name ${queue} a second time`)
    seen.add(queue)
  })
  return plans
}

function unlimited(queue: string): QueuePlan {
  return { queue, most: Infinity, weight: 1 }
}

function planOf(
  parameter: string,
  settings: QueueSettings,
  { order, most }: { readonly order: QueueOrder; readonly most: number },
): QueuePlan {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw invalidArgument(parameter, 'must be the name of a queue, or { name, concurrency, weight }')
  checkOptions(parameter, settings, ['name', 'concurrency', 'weight'])
  checkNoNull(parameter, settings)
  const { name, concurrency, weight } = settings
  if (weight !== undefined && order !== 'weighted')
    throw invalidArgument(`${parameter}.weight`, `has a meaning only with order: 'weighted'`)
  return {
    queue: checkName(`${parameter}.name`, name),
    most: concurrency === undefined ? Infinity : checkInteger(`${parameter}.concurrency`, concurrency, 1, most),
    weight: weight === undefined ? 1 : checkInteger(`${parameter}.weight`, weight, 1, MOST_WEIGHT),
  }
}
