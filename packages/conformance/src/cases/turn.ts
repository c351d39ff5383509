import assert from 'node:assert/strict'
import { DEFAULT_LINE, ids, present } from '../bench.ts'
import type { Group } from '../harness.ts'

/** The parts of one turn, and their order: settlements, touches, unknown, claim. */
export const turn: Group = {
  name: 'turn',
  cases: [
    {
      name: "a turn without parts changes nothing and tells the backend's time",
      run: async (bench) => {
        const { id } = await bench.make('running')
        const answer = await bench.unchanged(id, () => bench.turn())
        const nothing = { settled: [], records: [], expired: [], lost: [], cancelled: [], unknown: [] }
        assert.deepEqual(answer, { ...nothing, more: false, nextDueAt: null, now: bench.now })
      },
    },
    {
      name: 'D15: one call settles, beats and claims',
      run: async (bench) => {
        const [done, held, next] = ids(await bench.enqueueMany(3)).map((id) => present(id))
        await bench.claim(2)
        bench.clock.advance(1_000)
        const answer = await bench.turn({
          settlements: [bench.complete(present(done), 1)],
          touches: [bench.touch(present(held), 1)],
          claim: { lines: [DEFAULT_LINE], limit: 5 },
        })
        assert.deepEqual([answer.settled[0]?.outcome, answer.lost, ids(answer.records)], ['ok', [], [next]])
        assert.equal((await bench.get(present(held))).heartbeatAt, bench.now)
      },
    },
    {
      name: 'a turn settles before it claims: what it gives back it may take again',
      run: async (bench) => {
        const { id } = await bench.make('running')
        const [record] = await bench.claim(1, { settlements: [bench.release(id, 1)] })
        assert.deepEqual([record?.id, record?.attempt], [id, 2])
      },
    },
    {
      name: 'a turn settles before it beats: what it settled is no longer held',
      run: async (bench) => {
        const { id } = await bench.make('running')
        const { settled, lost } = await bench.beat([bench.touch(id, 1)], { settlements: [bench.complete(id, 1)] })
        assert.deepEqual([settled[0]?.outcome, lost], ['ok', [id]])
      },
    },
    {
      name: 'the settlements of a turn are answered in order, and one that is lost does not disturb the others',
      run: async (bench) => {
        const [a, b] = ids(await bench.enqueueMany(2)).map((id) => present(id))
        await bench.claim(2)
        const unknown = bench.makeId()
        const settlements = [bench.complete(present(b), 7), bench.complete(unknown, 1), bench.complete(present(a), 1)]
        const { settled } = await bench.turn({ settlements })
        assert.deepEqual(settled, [
          { id: b, outcome: 'lost', status: 'running' },
          { id: unknown, outcome: 'missing', status: null },
          { id: a, outcome: 'ok', status: 'completed' },
        ])
      },
    },
    {
      name: 'the same settlement twice in one turn is one settlement',
      run: async (bench) => {
        const { id } = await bench.make('running', { maxRetries: 5 })
        const { settled } = await bench.turn({ settlements: [bench.fail(id, 1, 500), bench.fail(id, 1, 500)] })
        assert.deepEqual(
          settled.map(({ outcome }) => outcome),
          ['ok', 'ok'],
        )
        assert.equal((await bench.get(id)).retryCount, 1)
      },
    },
    {
      name: 'two different settlements of one attempt in one turn: the first counts',
      run: async (bench) => {
        const { id } = await bench.make('running')
        const { settled } = await bench.turn({ settlements: [bench.fail(id, 1), bench.complete(id, 1)] })
        assert.deepEqual(
          settled.map(({ outcome }) => outcome),
          ['ok', 'lost'],
        )
        assert.equal((await bench.get(id)).status, 'failed')
      },
    },
    {
      name: 'D10: acts that race on one record wait for nobody: no time passes until all are answered',
      run: async (bench) => {
        const { id } = await bench.make('running')
        const answers = await bench.race(9, (backend, i) =>
          bench.turn(
            i % 3 === 0 ? { settlements: [bench.complete(id, 1)] } : { touches: [bench.touch(id, 1)] },
            backend,
          ),
        )
        assert.ok(answers.every(({ now }) => now === bench.now))
        assert.deepEqual(
          answers.flatMap(({ settled }) => settled.map(({ outcome }) => outcome)),
          ['ok', 'ok', 'ok'],
        )
      },
    },
    {
      name: 'D9: a claim outlives the connection that made it: nobody else gets the attempt',
      run: async (bench) => {
        const { id } = await bench.make('running')
        await bench.break.dropConnections()
        const { records } = await bench.turn(
          { workerId: 'worker-2', claim: { lines: [DEFAULT_LINE], limit: 5 } },
          bench.second,
        )
        assert.deepEqual(records, [])
        assert.equal((await bench.settle(bench.complete(id, 1))).outcome, 'ok')
      },
    },
    {
      name: 'the workers of one line hold what each of them claimed',
      run: async (bench) => {
        await bench.enqueueMany(2)
        const [one] = await bench.claim(1, { workerId: 'worker-1' })
        const [two] = await bench.claim(1, { workerId: 'worker-2', slot: 15 })
        assert.deepEqual([one?.workerId, two?.workerId], ['worker-1', 'worker-2'])
        assert.notEqual(one?.id, two?.id)
      },
    },
  ],
}
