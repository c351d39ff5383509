import type { RedisOptions } from '@millrace/redis'
import type { Cluster, Redis } from 'ioredis'
import type { Cluster as Cluster5, Redis as Redis5 } from 'ioredis5'
import { expect, expectTypeOf, it } from 'vitest'
import { typeErrorsIn } from '../../../scripts/checks/type-errors.mjs'

type Given = NonNullable<RedisOptions['client']>

it('the type of a client is that of ioredis 6 and of ioredis 5, and nothing else', { timeout: 30_000 }, async () => {
  expectTypeOf<Redis>().toExtend<Given>()
  expectTypeOf<Cluster>().toExtend<Given>()
  expectTypeOf<Redis5>().toExtend<Given>()
  expectTypeOf<Cluster5>().toExtend<Given>()
  expectTypeOf<{ client: Redis; namespace: string }>().toExtend<RedisOptions>()

  expectTypeOf<string>().not.toExtend<Given>()
  expectTypeOf<{ host: string; port: number }>().not.toExtend<Given>()
  expectTypeOf<typeof Redis>().not.toExtend<Given>()
  expectTypeOf<ReturnType<Redis['pipeline']>>().not.toExtend<Given>()
  expectTypeOf<Omit<Redis, 'duplicate'>>().not.toExtend<Given>()
  expectTypeOf<Promise<Redis>>().not.toExtend<Given>()
  expectTypeOf<{ url: number }>().not.toExtend<RedisOptions>()

  expect(await typeErrorsIn(import.meta.filename)).toEqual([])
})
