import assert from 'node:assert/strict'
import type { Hint, Watch } from '@millrace/core'
import { DEFAULT_LINE } from '../bench.ts'
import type { Group } from '../harness.ts'

const WORK: Hint = { kind: 'work' }
const [A, B] = [
  { ...DEFAULT_LINE, queue: 'a' },
  { ...DEFAULT_LINE, queue: 'b' },
]

async function nulls(...watches: readonly Watch[]): Promise<void> {
  for (const watch of watches) assert.equal(await watch.next(), null)
}

/** A wait and a watch end, and no hint goes with them. */
export const watchEnd: Group = {
  name: 'the end of a watch',
  cases: [
    {
      name: 'closing a watch ends its wait and every later one with null, twice as well',
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        const waiting = watch.next()
        await watch.close()
        await watch.close()
        assert.equal(await waiting, null)
        await bench.enqueue()
        await nulls(watch, watch)
      },
    },
    {
      name: 'the signal of a watch ends it',
      run: async (bench) => {
        const stop = new AbortController()
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE], signal: stop.signal })
        const waiting = watch.next()
        stop.abort()
        assert.equal(await waiting, null)
        await nulls(watch)
      },
    },
    {
      name: 'a watch whose signal was aborted beforehand has ended',
      run: async (bench) => nulls(await bench.backend.watch({ lines: [DEFAULT_LINE], signal: AbortSignal.abort() })),
    },
    {
      name: 'closing a client ends its watches and leaves those of others',
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        const other = await bench.second.watch({ lines: [DEFAULT_LINE] })
        const waiting = watch.next()
        await bench.backend.close()
        assert.equal(await waiting, null)
        await nulls(watch)
        await bench.offer({}, bench.second)
        assert.deepEqual(await other.next(), { kind: 'work' })
      },
    },
    {
      name: 'a watch that closes passes its hint on',
      run: async (bench) => {
        const first = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        const second = await bench.second.watch({ lines: [DEFAULT_LINE] })
        await bench.enqueue()
        await first.close()
        assert.deepEqual(await second.next(), WORK)
      },
    },
    {
      name: 'a watch that stopped waiting and closes keeps no hint to itself',
      run: async (bench) => {
        const first = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        const stop = new AbortController()
        const waiting = first.next({ signal: stop.signal })
        stop.abort()
        assert.equal(await waiting, null)
        await bench.enqueue()
        await first.close()
        assert.deepEqual(await (await bench.backend.watch({ lines: [DEFAULT_LINE] })).next(), WORK)
      },
    },
    {
      name: 'a wait that could be aborted but is not gets its hint, kept or new',
      run: async (bench) => {
        const { signal } = new AbortController()
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE], signal })
        await bench.enqueue()
        assert.deepEqual(await watch.next({ signal }), WORK)
        const waiting = watch.next({ signal })
        await bench.enqueue()
        assert.deepEqual(await waiting, WORK)
      },
    },
    {
      name: 'a wait that is aborted answers null, and the next one gets the hint',
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        const stop = new AbortController()
        const waiting = watch.next({ signal: stop.signal })
        stop.abort()
        assert.equal(await waiting, null)
        await bench.enqueue()
        assert.deepEqual(await watch.next(), WORK)
      },
    },
    {
      name: 'an abort and an enqueue at once lose no hint',
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        for (let i = 0; i < 20; i++) {
          const stop = new AbortController()
          const waiting = watch.next({ signal: stop.signal })
          const enqueued = bench.offer({}, bench.second)
          stop.abort()
          await enqueued
          assert.deepEqual((await waiting) ?? (await watch.next()), WORK)
          await bench.claim()
        }
      },
    },
    {
      name: 'a wait for some of its lines leaves what the others have to tell to another waiter',
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [A, B] })
        const ofB = watch.next({ lines: [B] })
        const other = await bench.second.watch({ lines: [A] })
        const first = Promise.race([ofB.then(() => 'of b'), other.next().then(() => 'of a')])
        await bench.enqueue({ queue: 'a' })
        assert.equal(await first, 'of a')
        await bench.enqueue({ queue: 'b' })
        assert.deepEqual(await ofB, WORK)
      },
    },
    {
      name: 'a wait for some of its lines leaves what the others have to tell to the next one',
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [A, B] })
        await bench.enqueue({ queue: 'a' })
        const stop = new AbortController()
        const waiting = watch.next({ signal: stop.signal, lines: [B] })
        await bench.enqueue({ queue: 'a' })
        stop.abort()
        assert.equal(await waiting, null)
        assert.deepEqual(await watch.next(), WORK)
      },
    },
    {
      name: 'a wait for none of its lines hears of everything else',
      run: async (bench) => {
        const { id } = await bench.enqueue({ queue: 'aside' })
        const watch = await bench.backend.watch({ lines: [A], ids: [id] })
        const waiting = watch.next({ lines: [] })
        await bench.enqueue({ queue: 'a' })
        await bench.cancel(id)
        assert.deepEqual(await waiting, { kind: 'done', id })
        assert.deepEqual(await watch.next({ lines: [A] }), WORK)
      },
    },
    {
      name: 'a wait that is aborted, and one for another line right behind it, lose no hint',
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [A, B] })
        const other = await bench.second.watch({ lines: [A] })
        for (let i = 0; i < 20; i++) {
          const stop = new AbortController()
          const ofA = watch.next({ signal: stop.signal, lines: [A] })
          const enqueued = [bench.offer({ queue: 'a' }, bench.second), bench.offer({ queue: 'b' }, bench.second)]
          stop.abort()
          const ofB = watch.next({ lines: [B] })
          await Promise.all(enqueued)
          assert.deepEqual(await ofB, WORK)
          assert.deepEqual((await ofA) ?? (await other.next()), WORK)
          await bench.turn({ claim: { lines: [A, B], limit: 2 } })
        }
      },
    },
    {
      name: 'a signal aborted beforehand ends the wait at once and takes no hint away',
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        assert.equal(await watch.next({ signal: AbortSignal.abort() }), null)
        await bench.enqueue()
        const hint = await watch.next({ signal: AbortSignal.abort() })
        assert.deepEqual(hint ?? (await watch.next()), WORK)
      },
    },
  ],
}
