import type { ValkeyOptions } from '@millrace/valkey'
import type { Cluster, Redis } from 'iovalkey'
import { expect, expectTypeOf, it } from 'vitest'
import { typeErrorsIn } from '../../../scripts/checks/type-errors.mjs'

type Given = NonNullable<ValkeyOptions['client']>

it('the type of a client is that of iovalkey, and nothing else', { timeout: 30_000 }, async () => {
  expectTypeOf<Redis>().toExtend<Given>()
  expectTypeOf<Cluster>().toExtend<Given>()
  expectTypeOf<{ client: Redis; namespace: string }>().toExtend<ValkeyOptions>()

  expectTypeOf<string>().not.toExtend<Given>()
  expectTypeOf<{ host: string; port: number }>().not.toExtend<Given>()
  expectTypeOf<typeof Redis>().not.toExtend<Given>()
  expectTypeOf<ReturnType<Redis['pipeline']>>().not.toExtend<Given>()
  expectTypeOf<Omit<Redis, 'duplicate'>>().not.toExtend<Given>()
  expectTypeOf<Promise<Redis>>().not.toExtend<Given>()
  expectTypeOf<{ url: number }>().not.toExtend<ValkeyOptions>()

  expect(await typeErrorsIn(import.meta.filename)).toEqual([])
})
