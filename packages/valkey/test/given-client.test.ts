import type { ValkeyOptions } from '@millrace/valkey'
import type { Cluster, Redis } from 'iovalkey'
import { describe, expectTypeOf, it } from 'vitest'

type Given = NonNullable<ValkeyOptions['client']>

describe('the type of a client', () => {
  it('is that of iovalkey', () => {
    expectTypeOf<Redis>().toExtend<Given>()
    expectTypeOf<Cluster>().toExtend<Given>()
    expectTypeOf<{ client: Redis; namespace: string }>().toExtend<ValkeyOptions>()
  })

  it('is nothing else', () => {
    expectTypeOf<string>().not.toExtend<Given>()
    expectTypeOf<{ host: string; port: number }>().not.toExtend<Given>()
    expectTypeOf<typeof Redis>().not.toExtend<Given>()
    expectTypeOf<ReturnType<Redis['pipeline']>>().not.toExtend<Given>()
    expectTypeOf<Omit<Redis, 'duplicate'>>().not.toExtend<Given>()
    expectTypeOf<Promise<Redis>>().not.toExtend<Given>()
    expectTypeOf<{ url: number }>().not.toExtend<ValkeyOptions>()
  })
})
