import { z } from 'zod'

/** What the bench asks of a peer's process, one order at a time, and what it answers. */

const place = z.object({ kind: z.enum(['redis', 'valkey']), url: z.string(), queue: z.string() })
/** Records `from` to `from + count - 1`, each with so many bytes of text. */
const batch = { from: z.int(), count: z.int(), bytes: z.int() }

export const orderSchema = z.discriminatedUnion('order', [
  z.object({ order: z.literal('open'), place }),
  z.object({ order: z.literal('close') }),
  z.object({ order: z.literal('counts') }),
  /** By the call for many, `width` at a time; due after `delayMs` if that is above 0. */
  z.object({ order: z.literal('bulk'), ...batch, width: z.int(), delayMs: z.int() }),
  /** Each awaited before the next. */
  z.object({ order: z.literal('one-by-one'), ...batch }),
  /** `width` in one tick, then all of them awaited. */
  z.object({ order: z.literal('together'), ...batch, width: z.int() }),
  /** One at a time with random (exponential) gaps between them, or equal ones. */
  z.object({ order: z.literal('spaced'), ...batch, gapMs: z.number(), gaps: z.enum(['equal', 'random']) }),
  /** `workers` consumers, each as if it were alone. `target`: after how many records the time is taken. */
  z.object({
    order: z.literal('start'),
    place,
    workers: z.int(),
    concurrency: z.int(),
    holdMs: z.int(),
    from: z.int(),
    count: z.int(),
    target: z.int(),
  }),
  z.object({ order: z.literal('reached'), patienceMs: z.int() }),
  z.object({ order: z.literal('stop') }),
])

export type Order = z.infer<typeof orderSchema>

export const done = z.object({})
export const timing = z.object({ ms: z.number(), cpuUs: z.number() })
export const counts = z.object({ pending: z.int(), held: z.int().nullable(), completed: z.int().nullable() })
/** What the handlers saw. `missing`: of the `target` first; pick-up times in ms, none if the records carry no time. */
export const account = timing.extend({
  handled: z.int(),
  repeated: z.int(),
  missing: z.int(),
  pickUps: z.array(z.number()),
})

export type Timing = z.infer<typeof timing>
export type Account = z.infer<typeof account>

export const replySchema = z.union([z.object({ value: z.unknown() }), z.object({ error: z.string() })])
