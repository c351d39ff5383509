import assert from 'node:assert/strict'
import type { Backend, KeyReference } from '@millrace/core'
import type { Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'
import { BLOCKS, held, HOLDS, KEY, REFERENCE, removed, STATES } from './held-keys.ts'

async function reset(bench: Bench, backend: Backend = bench.backend): Promise<string | undefined> {
  const [answer] = await backend.controls.resetKeys([REFERENCE])
  return answer
}

const states = STATES.flatMap(({ name, place, make }) =>
  HOLDS.map((hold): Case => {
    const outlasts = hold === 'window' || hold === 'forever'
    const answer = !BLOCKS[place].includes(hold) ? 'free' : outlasts ? 'reset' : 'refused'
    return {
      name: `reset, a key held by ${hold} whose record is ${name}: ${answer}`,
      run: async (bench) => {
        const before = await make(bench, held(hold))
        assert.equal(await reset(bench), answer)
        if (place !== 'is gone') await bench.expectChange(before, {})
        const { outcome } = await bench.ask(KEY)
        assert.equal(outcome, answer === 'refused' ? 'existing' : 'created')
      },
    }
  }),
)

export const keyResets: Group = {
  name: 'key resets',
  cases: [
    ...states,
    {
      name: 'answers come in order, also for keys that nobody took, and for one that is named twice',
      run: async (bench) => {
        const of = (key: string): KeyReference => ({ scope: 'task', taskName: 'demo.task', key })
        await bench.enqueue({ key: 'ever', keyHold: 'forever' })
        await bench.enqueue({ key: 'now' })
        const answers = await bench.backend.controls.resetKeys([of('now'), of('ever'), of('none'), of('ever')])
        assert.deepEqual(answers, ['refused', 'reset', 'free', 'free'])
        assert.deepEqual(await bench.backend.controls.resetKeys([]), [])
      },
    },
    {
      name: "the namespace's key is reset as the namespace's, and another task's is left alone",
      run: async (bench) => {
        await bench.enqueue({ ...held('forever'), keyScope: 'namespace' })
        await bench.enqueue({ ...held('forever'), taskName: 'task.two' })
        assert.equal(await reset(bench), 'free')
        const answers = await bench.backend.controls.resetKeys([{ scope: 'namespace', key: KEY.key }])
        assert.deepEqual(answers, ['reset'])
        assert.equal((await bench.ask({ ...KEY, keyScope: 'namespace' })).outcome, 'created')
        assert.equal((await bench.ask({ ...KEY, taskName: 'task.two' })).outcome, 'existing')
      },
    },
    {
      name: 'after a reset nobody has the key, until the next one takes it',
      run: async (bench) => {
        await bench.make('completed', held('forever'))
        await reset(bench)
        assert.deepEqual(await bench.second.getByKey([REFERENCE]), [null])
        const record = await bench.enqueue(held('forever'))
        assert.deepEqual(await bench.second.getByKey([REFERENCE]), [record])
      },
    },
    {
      name: 'a window that is over is free, and leaves its key to its record',
      run: async (bench) => {
        const record = await bench.make('completed', held('window', 1_000))
        bench.clock.advance(999)
        assert.equal(await reset(bench), 'reset')
        const next = await bench.enqueue(held('window', 1_000))
        bench.clock.advance(1_000)
        assert.equal(await reset(bench), 'free')
        assert.deepEqual(await bench.second.getByKey([REFERENCE]), [next])
        await bench.expectChange(record, {})
      },
    },
    {
      name: 'a reset of what is gone leaves nothing behind',
      run: async (bench) => {
        for (const hold of ['window', 'forever'] as const) {
          await removed(bench, held(hold))
          assert.equal(await reset(bench), 'reset')
          assert.equal((await bench.backend.audit()).examined, 0)
        }
      },
    },
    {
      name: 'of racing resets one frees the key; with its reply lost, it is free',
      run: async (bench) => {
        await bench.enqueue(held('forever'))
        const answers = await bench.race(20, (backend) => reset(bench, backend))
        assert.equal(answers.filter((answer) => answer === 'reset').length, 1)
        assert.equal(answers.filter((answer) => answer === 'free').length, 19)
        await bench.enqueue(held('forever'))
        await bench.resend(() => reset(bench))
        assert.equal((await bench.ask(KEY)).outcome, 'created')
      },
    },
    {
      name: 'many keys at once, more than one script takes',
      run: async (bench) => {
        const keys = Array.from({ length: 450 }, (_, i): KeyReference => ({ scope: 'namespace', key: `k${i}` }))
        await bench.enqueueMany(450, (i) => ({ key: `k${i}`, keyScope: 'namespace', keyHold: 'forever' }))
        const answers = await bench.backend.controls.resetKeys(keys)
        assert.ok(answers.length === 450 && answers.every((answer) => answer === 'reset'))
      },
    },
  ],
}
