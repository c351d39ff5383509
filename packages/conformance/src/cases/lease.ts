import assert from 'node:assert/strict'
import type { Backend, LeaseRequest, LeaseResult } from '@millrace/core'
import type { Bench } from '../bench.ts'
import type { Group } from '../harness.ts'

const TTL = 10_000

function ask(backend: Backend, token: string, options: Partial<LeaseRequest> = {}): Promise<LeaseResult> {
  return backend.lease({ name: 'schedules', token, ttlMs: TTL, ...options })
}

/** Held by `a` for TTL; answers when its time is up. */
async function taken({ backend, clock }: Bench): Promise<number> {
  const until = clock.now() + TTL
  assert.deepEqual(await ask(backend, 'a'), { held: true, until })
  return until
}

export const lease: Group = {
  name: 'lease',
  cases: [
    {
      name: 'a free lease is taken for its time, counted by the backend clock',
      run: async (bench) => void (await taken(bench)),
    },
    {
      name: 'its holder keeps it and gets a new time, also a shorter one',
      run: async (bench) => {
        await taken(bench)
        bench.clock.advance(5_000)
        assert.deepEqual(await ask(bench.backend, 'a'), { held: true, until: bench.now + TTL })
        const short = await ask(bench.backend, 'a', { ttlMs: 1 })
        assert.deepEqual(short, { held: true, until: bench.now + 1 })
        bench.clock.advance(1)
        assert.deepEqual(await ask(bench.second, 'b'), { held: true, until: bench.now + TTL })
      },
    },
    {
      name: 'another token is told until when it is held, and changes nothing',
      run: async (bench) => {
        const until = await taken(bench)
        assert.deepEqual(await ask(bench.second, 'b', { ttlMs: 60_000 }), { held: false, until })
        bench.clock.advance(TTL - 1)
        assert.deepEqual(await ask(bench.second, 'b'), { held: false, until })
      },
    },
    {
      name: 'it is free at the millisecond at which its time is up',
      run: async (bench) => {
        const until = await taken(bench)
        bench.clock.advance(TTL)
        assert.equal(bench.now, until)
        assert.deepEqual(await ask(bench.second, 'b'), { held: true, until: until + TTL })
        assert.deepEqual(await ask(bench.backend, 'a'), { held: false, until: until + TTL })
      },
    },
    {
      name: 'its holder gives it back, and another takes it at once',
      run: async (bench) => {
        await taken(bench)
        assert.deepEqual(await ask(bench.backend, 'a', { release: true }), { held: false, until: null })
        assert.deepEqual(await ask(bench.second, 'b'), { held: true, until: bench.now + TTL })
      },
    },
    {
      name: 'nobody gives back the lease of another',
      run: async (bench) => {
        const until = await taken(bench)
        assert.deepEqual(await ask(bench.second, 'b', { release: true }), { held: false, until })
        assert.deepEqual(await ask(bench.second, 'b'), { held: false, until })
      },
    },
    {
      name: 'giving back a lease that nobody holds is no error',
      run: async (bench) => {
        assert.deepEqual(await ask(bench.backend, 'a', { release: true }), { held: false, until: null })
      },
    },
    {
      name: 'a holder whose time was up does not give back its successor\u2019s lease',
      run: async (bench) => {
        await taken(bench)
        bench.clock.advance(TTL)
        const { until } = await ask(bench.second, 'b')
        assert.deepEqual(await ask(bench.backend, 'a', { release: true }), { held: false, until })
        assert.deepEqual(await ask(bench.second, 'b'), { held: true, until })
      },
    },
    {
      name: 'leases of different names know nothing of each other',
      run: async (bench) => {
        const until = await taken(bench)
        assert.deepEqual(await ask(bench.second, 'b', { name: 'schedules.other' }), { held: true, until })
        await ask(bench.second, 'b', { name: 'schedules.other', release: true })
        assert.deepEqual(await ask(bench.second, 'b'), { held: false, until })
      },
    },
    {
      name: 'of 50 that ask at once exactly one holds',
      run: async (bench) => {
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, i) => ask(i % 2 === 0 ? bench.backend : bench.second, `token-${i}`)),
        )
        assert.equal(answers.filter(({ held }) => held).length, 1)
        assert.deepEqual(new Set(answers.map(({ until }) => until)), new Set([bench.now + TTL]))
      },
    },
    {
      name: 'a lost reply costs the holder nothing',
      run: async (bench) => {
        const answer = await bench.resend(() => ask(bench.backend, 'a'))
        assert.deepEqual(answer, { held: true, until: bench.now + TTL })
        const released = await bench.resend(() => ask(bench.backend, 'a', { release: true }))
        assert.deepEqual(released, { held: false, until: null })
      },
    },
  ],
}
