import assert from 'node:assert/strict'
import type { ClaimLine, Hint } from '@millrace/core'
import { DEFAULT_LINE, ids, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const MAIL: ClaimLine = { queue: 'mail', executionBackend: 'local' }
const WORK: Hint = { kind: 'work' }

const WAYS: readonly (readonly [what: string, queues: readonly string[] | null])[] = [
  ['a queue', ['mail']],
  ['a namespace', null],
]

async function count(bench: Bench, line: ClaimLine): Promise<number> {
  return (await bench.claim(10, { lines: [line] })).length
}

const gives: readonly Case[] = WAYS.flatMap(([what, queues]): readonly Case[] => [
  {
    name: `${what} that is resumed gives what it held back, in the same order`,
    run: async (bench) => {
      const first = await bench.enqueueMany(2, () => ({ queue: 'mail' }))
      await bench.backend.controls.pause(queues)
      bench.clock.advance(1)
      const second = await bench.enqueueMany(2, () => ({ queue: 'mail' }))
      await bench.second.controls.resume(queues)
      assert.deepEqual(ids(await bench.claim(10, { lines: [MAIL] })), ids([...first, ...second]))
    },
  },
  {
    name: `${what} that is resumed wakes a watch that waits`,
    run: async (bench) => {
      const watch = await bench.backend.watch({ lines: [MAIL] })
      await bench.backend.controls.pause(queues)
      await bench.enqueue({ queue: 'mail' })
      const hint = watch.next()
      await bench.second.controls.resume(queues)
      assert.deepEqual(await hint, WORK)
      assert.equal(await count(bench, MAIL), 1)
    },
  },
  {
    name: `${what} that is resumed wakes a watch which had been woken in vain`,
    run: async (bench) => {
      const watch = await bench.backend.watch({ lines: [MAIL] })
      await bench.enqueue({ queue: 'mail' })
      await bench.backend.controls.pause(queues)
      assert.deepEqual(await watch.next(), WORK)
      assert.equal(await count(bench, MAIL), 0)
      await bench.backend.controls.resume(queues)
      assert.deepEqual(await watch.next(), WORK)
      assert.equal(await count(bench, MAIL), 1)
    },
  },
  {
    name: `${what} that is resumed tells of a due time that was set meanwhile`,
    run: async (bench) => {
      const watch = await bench.backend.watch({ lines: [MAIL] })
      await bench.backend.controls.pause(queues)
      await bench.enqueue({ queue: 'mail', delayMs: 1_000 })
      await bench.backend.controls.resume(queues)
      assert.deepEqual(await watch.next(), WORK)
      assert.equal((await bench.turn({ claim: { lines: [MAIL], limit: 1 } })).nextDueAt, bench.now + 1_000)
    },
  },
  {
    name: `${what} is resumed again by a call that is repeated, and its lines are hinted again`,
    run: async (bench) => {
      const watch = await bench.backend.watch({ lines: [MAIL] })
      await bench.backend.controls.pause(queues)
      await bench.enqueue({ queue: 'mail' })
      for (let i = 0; i < 2; i++) {
        await bench.backend.controls.resume(queues)
        assert.deepEqual(await watch.next(), WORK)
      }
    },
  },
])

export const resume: Group = {
  name: 'resume',
  cases: [
    ...gives,
    {
      name: 'resuming the namespace leaves a queue paused that was paused by itself, and wakes nobody who waits for it',
      run: async (bench) => {
        const { id } = await bench.enqueue({ queue: 'sentinel' })
        const watch = await bench.backend.watch({ lines: [MAIL], ids: [id] })
        for (const queue of ['mail', 'default']) await bench.enqueue({ queue })
        assert.deepEqual(await watch.next(), WORK)
        await bench.backend.controls.pause(['mail'])
        await bench.backend.controls.pause(null)
        const hint = watch.next()
        await bench.backend.controls.resume(null)
        assert.deepEqual(await bench.second.controls.paused(), { namespace: false, queues: ['mail'] })
        assert.deepEqual([await count(bench, MAIL), await count(bench, DEFAULT_LINE)], [0, 1])
        await bench.cancel(id)
        assert.deepEqual(await hint, { kind: 'done', id })
      },
    },
    {
      name: 'resuming a queue does not resume the namespace',
      run: async (bench) => {
        await bench.enqueue({ queue: 'mail' })
        await bench.backend.controls.pause(null)
        await bench.backend.controls.pause(['mail'])
        await bench.backend.controls.resume(['mail'])
        assert.deepEqual(await bench.second.controls.paused(), { namespace: true, queues: [] })
        assert.equal(await count(bench, MAIL), 0)
      },
    },
    {
      name: 'resuming one queue leaves the others paused, and wakes nobody who waits for them',
      run: async (bench) => {
        const { id } = await bench.enqueue({ queue: 'sentinel' })
        const watch = await bench.backend.watch({ lines: [MAIL], ids: [id] })
        await bench.backend.controls.pause(['mail', 'default'])
        for (const queue of ['mail', 'default']) await bench.enqueue({ queue })
        const hint = watch.next()
        await bench.backend.controls.resume(['default'])
        assert.deepEqual([await count(bench, MAIL), await count(bench, DEFAULT_LINE)], [0, 1])
        await bench.cancel(id)
        assert.deepEqual(await hint, { kind: 'done', id })
      },
    },
    {
      name: 'resuming what is not paused changes nothing',
      run: async (bench) => {
        const { id } = await bench.enqueue({ queue: 'mail' })
        await bench.unchanged(id, async () => {
          await bench.backend.controls.resume(['mail', 'no-such-queue'])
          await bench.backend.controls.resume(null)
        })
        assert.deepEqual(await bench.backend.controls.paused(), { namespace: false, queues: [] })
        assert.equal(await count(bench, MAIL), 1)
      },
    },
    {
      name: 'lines of every execution backend are hinted, also many',
      run: async (bench) => {
        const places = Array.from({ length: 230 }, (_, i) => `place-${i}`)
        await bench.backend.controls.pause(['mail'])
        await bench.enqueueMany(places.length, (i) => ({ queue: 'mail', executionBackend: places[i] ?? '' }))
        await bench.backend.controls.resume(['mail'])
        for (const executionBackend of [places[0], places.at(-1)]) {
          const watch = await bench.second.watch({
            lines: [{ queue: 'mail', executionBackend: executionBackend ?? '' }],
          })
          assert.deepEqual(await watch.next(), WORK)
        }
      },
    },
    ...(['pause', 'resume'] as const).map((act): Case => ({
      name: `a ${act} whose reply is lost has had its effect, and may be repeated`,
      run: async (bench) => {
        await bench.enqueue({ queue: 'mail' })
        if (act === 'resume') await bench.backend.controls.pause(['mail'])
        await bench.resend(() => bench.backend.controls[act](['mail']))
        const queues = act === 'pause' ? ['mail'] : []
        assert.deepEqual(await bench.second.controls.paused(), { namespace: false, queues })
        assert.equal(await count(bench, MAIL), act === 'pause' ? 0 : 1)
      },
    })),
  ],
}
