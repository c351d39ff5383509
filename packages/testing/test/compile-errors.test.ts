import { task } from '@millrace/core'
import { createTestbed, type EnqueuedRecord } from '@millrace/testing'
import { expect, expectTypeOf, it } from 'vitest'
import { typeErrorsIn } from '../../../scripts/checks/type-errors.mjs'

it('all that is said here of types is so', { timeout: 30_000 }, async () => {
  expect(await typeErrorsIn(import.meta.filename)).toEqual([])
})

it('knows the input and the result of a task', async () => {
  const mail = task('mail', { run: ({ to }: { to: string; tags?: string[] }) => to.length })
  await using bed = await createTestbed({ tasks: [mail] })
  expectTypeOf(await bed.run(mail, { to: 'ada' })).toEqualTypeOf<number>()
  expectTypeOf(await bed.enqueued(mail)).toEqualTypeOf<readonly EnqueuedRecord<{ to: string; tags?: string[] }>[]>()
  // @ts-expect-error -- to is text
  await bed.run(mail, { to: 1 })
  // @ts-expect-error -- there is no `too`
  await bed.assertNotEnqueued(mail, { input: { too: 'ada' } })
  // @ts-expect-error -- to is text
  await bed.assertNotEnqueued(mail, { input: { to: 1 } })
  // @ts-expect-error -- a contract has no handler
  await expect(bed.run(task<{ to: string }, null>('other'), { to: 'ada' })).rejects.toThrow('needs .handle(run)')
})

it('does not let time be moved past it', async () => {
  await using bed = await createTestbed()
  // @ts-expect-error -- `bed.advance` runs what falls due on the way
  expect(() => bed.clock.advance(1)).toThrow(TypeError)
})
