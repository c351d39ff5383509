import type { RedisOptions } from '@millrace/redis'
import type { Cluster, Redis } from 'ioredis'
import type { Cluster as Cluster5, Redis as Redis5 } from 'ioredis5'
import { describe, expectTypeOf, it } from 'vitest'

type Given = NonNullable<RedisOptions['client']>

describe('the type of a client', () => {
  it('is that of ioredis 6 and of ioredis 5', () => {
    expectTypeOf<Redis>().toExtend<Given>()
    expectTypeOf<Cluster>().toExtend<Given>()
    expectTypeOf<Redis5>().toExtend<Given>()
    expectTypeOf<Cluster5>().toExtend<Given>()
    expectTypeOf<{ client: Redis; namespace: string }>().toExtend<RedisOptions>()
  })

  it('is nothing else', () => {
    expectTypeOf<string>().not.toExtend<Given>()
    expectTypeOf<{ host: string; port: number }>().not.toExtend<Given>()
    expectTypeOf<typeof Redis>().not.toExtend<Given>()
    expectTypeOf<ReturnType<Redis['pipeline']>>().not.toExtend<Given>()
    expectTypeOf<Omit<Redis, 'duplicate'>>().not.toExtend<Given>()
    expectTypeOf<Promise<Redis>>().not.toExtend<Given>()
    expectTypeOf<{ url: number }>().not.toExtend<RedisOptions>()
  })
})
