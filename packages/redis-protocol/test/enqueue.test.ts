import { createIdMaker, DEFAULT_LIMITS, manualClock, taskRequest } from '@millrace/core'
import { expect, it } from 'vitest'
import { Caller } from '../src/caller.ts'
import { Deadlines } from '../src/deadlines.ts'
import { enqueue } from '../src/enqueue.ts'
import { keysOf } from '../src/keys.ts'
import { fakeClient } from './fake-client.ts'

/** Numbers that stand in the bodies of what each script got, in order. */
function numbersIn(command: readonly unknown[]): readonly number[] {
  return command.flatMap((word) => /"n":(\d+)/.exec(String(word))?.[1] ?? []).map(Number)
}

it.for([
  [1, [1]],
  [200, [200]],
  [201, [1, 200]],
  [450, [50, 200, 200]],
] as const)('sends %d requests in order, the odd piece first', async ([count, sizes]) => {
  const client = fakeClient(() => '5')
  const caller = new Caller({ client, keys: keysOf('n', 0), clock: null, deadlines: new Deadlines(1_000) })
  const makeId = createIdMaker(manualClock())
  const requests = Array.from({ length: count }, (_, n) =>
    taskRequest({ id: makeId(), taskName: 'demo', body: `{"kwargs":{"n":${n}}}` }, DEFAULT_LIMITS),
  )
  const results = await enqueue(caller, requests)
  expect(results.map(({ record }) => record?.id)).toEqual(requests.map(({ id }) => id))
  const pieces = client.sent.map(numbersIn)
  expect(pieces.map(({ length }) => length)).toEqual(sizes)
  expect(pieces.flat()).toEqual(requests.map((_, n) => n))
})
