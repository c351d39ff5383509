import { createClient, task } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { createWorker } from '@millrace/worker'
import { expect, it } from 'vitest'
import { typeErrorsIn } from '../../../scripts/checks/type-errors.mjs'

const client = createClient({ backend: memoryBackend() })

it('all that is said here of types is so', { timeout: 30_000 }, async () => {
  expect(await typeErrorsIn(import.meta.filename)).toEqual([])
})

it('takes tasks with different inputs side by side', () => {
  const mail = task('mail.send', { run: ({ to }: { to: string }) => to.length })
  const resize = task<{ url: string }, null>('image.resize').handle(() => undefined)
  expect(createWorker({ client, tasks: [mail, resize] }).id).toBeTypeOf('string')
})

it('does not compile with a contract that has no handler', () => {
  const resize = task<{ url: string }, null>('image.resize')
  // @ts-expect-error -- a contract alone cannot run
  expect(() => createWorker({ client, tasks: [resize] })).toThrow('needs .handle(run)')
})

it('does not compile with an option that does not exist, or a duration without a unit', () => {
  const mail = task('mail.send', { run: () => null })
  // @ts-expect-error -- concurrency
  expect(() => createWorker({ client, tasks: [mail], concurency: 5 })).toThrow('did you mean concurrency?')
  // @ts-expect-error -- '5s'
  expect(() => createWorker({ client, tasks: [mail], heartbeat: '5' })).toThrow('options.heartbeat')
})
