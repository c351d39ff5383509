import assert from 'node:assert/strict'
import type { KeyReference } from '@millrace/core'
import type { Case, Group } from '../harness.ts'

const ODD_KEYS: readonly (readonly [name: string, key: string])[] = [
  ['spaces and line breaks', ' a\n\tb '],
  ['a NUL', 'a\u0000b'],
  ['braces, colons, bars and quotes', '{a}:b|c"d\'e*[f]?\\'],
  ['emoji and accents', 'crème 🚀 ü'],
  ['the name of a property of every object', '__proto__'],
  ['D43: 512 bytes', 'x'.repeat(512)],
]

/** Pairs that a careless joining of scope, task and key would take for one. */
const ALIKE: readonly (readonly [name: string, one: KeyReference, other: KeyReference])[] = [
  [
    'of two tasks',
    { scope: 'task', taskName: 'task.one', key: 'k' },
    { scope: 'task', taskName: 'task.two', key: 'k' },
  ],
  [
    'of a task and of the namespace',
    { scope: 'task', taskName: 'task.one', key: 'k' },
    { scope: 'namespace', key: 'k' },
  ],
  [
    'whose task and key join to the same text',
    { scope: 'task', taskName: 'a', key: 'b:c' },
    { scope: 'task', taskName: 'a:b', key: 'c' },
  ],
  [
    "of the namespace that reads like a task's",
    { scope: 'task', taskName: 'task.one', key: 'k' },
    { scope: 'namespace', key: 'task.one:k' },
  ],
  ['that differ in case', { scope: 'namespace', key: 'K' }, { scope: 'namespace', key: 'k' }],
  ['that differ in normal form', { scope: 'namespace', key: '\u00e9' }, { scope: 'namespace', key: 'e\u0301' }],
  ['that differ in trailing space', { scope: 'namespace', key: 'k' }, { scope: 'namespace', key: 'k ' }],
]

const fieldsOf = ({
  scope,
  ...rest
}: KeyReference): { readonly key: string; readonly keyScope: KeyReference['scope'] } => ({ ...rest, keyScope: scope })

const NAMESPACE_KEY = { key: 'one-at-a-time', keyScope: 'namespace' } as const

export const keyScopes: Group = {
  name: 'key scopes and mappings',
  cases: [
    ...ODD_KEYS.map(([name, key]): Case => ({
      name: `a key may hold ${name}`,
      run: async (bench) => {
        const record = await bench.enqueue({ key })
        assert.deepEqual(await bench.offer({ key }), { outcome: 'existing', record })
        assert.deepEqual(await bench.backend.getByKey([{ scope: 'task', taskName: 'demo.task', key }]), [record])
      },
    })),
    {
      name: 'D43: a key of one byte more than 512 is too large, whatever letters it is made of',
      run: async (bench) => {
        const request = bench.request({ key: 'k' })
        for (const key of ['x'.repeat(513), `${'é'.repeat(256)}x`, `${'🙂'.repeat(128)}x`]) {
          await bench.expectError('too_large', () => bench.backend.enqueue([{ ...request, key }]), 'requests[0].key')
        }
        assert.equal(await bench.exists(request.id), false)
      },
    },
    ...ALIKE.map(([name, one, other]): Case => ({
      name: `two keys are two: ${name}`,
      run: async (bench) => {
        const first = await bench.offer(fieldsOf(one))
        const second = await bench.offer(fieldsOf(other))
        assert.deepEqual([first.outcome, second.outcome], ['created', 'created'])
        assert.deepEqual(await bench.second.getByKey([other, one]), [second.record, first.record])
      },
    })),
    {
      name: "a namespace's key is one key for all tasks",
      run: async (bench) => {
        const record = await bench.enqueue({ taskName: 'task.one', ...NAMESPACE_KEY })
        assert.deepEqual(await bench.offer({ taskName: 'task.two', ...NAMESPACE_KEY }), { outcome: 'existing', record })
      },
    },
    {
      name: "one task does not replace another task's record under a namespace's key",
      run: async (bench) => {
        const record = await bench.enqueue({ taskName: 'task.one', ...NAMESPACE_KEY })
        const request = { taskName: 'task.two', ...NAMESPACE_KEY, onConflict: 'replace' } as const
        assert.deepEqual(await bench.unchanged(record.id, () => bench.offer(request)), { outcome: 'existing', record })
      },
    },
    {
      name: "a task replaces its own record under a namespace's key",
      run: async (bench) => {
        const { id } = await bench.enqueue(NAMESPACE_KEY)
        assert.equal((await bench.offer({ ...NAMESPACE_KEY, onConflict: 'replace' })).outcome, 'replaced')
        assert.equal((await bench.get(id)).status, 'cancelled')
      },
    },
    {
      name: 'getByKey answers in order, also twice and for keys that nobody took',
      run: async (bench) => {
        const record = await bench.enqueue({ key: 'k' })
        const known: KeyReference = { scope: 'task', taskName: 'demo.task', key: 'k' }
        assert.deepEqual(await bench.backend.getByKey([{ ...known, key: 'x' }, known, known]), [null, record, record])
      },
    },
    ...(['completed', 'failed', 'cancelled', 'expired'] as const).map((status): Case => ({
      name: `getByKey still answers a ${status} record, until the next one takes the key`,
      run: async (bench) => {
        const record = await bench.make(status, { key: 'k' })
        const reference: KeyReference = { scope: 'task', taskName: 'demo.task', key: 'k' }
        assert.deepEqual(await bench.backend.getByKey([reference]), [record])
        const next = await bench.enqueue({ key: 'k' })
        assert.deepEqual(await bench.backend.getByKey([reference]), [next])
      },
    })),
    {
      name: 'D4: a key whose record is gone is free, and its next record holds it',
      run: async (bench) => {
        const { id } = await bench.enqueue({ key: 'k' })
        await bench.break.forgetRecord(id)
        const reference: KeyReference = { scope: 'task', taskName: 'demo.task', key: 'k' }
        assert.deepEqual(await bench.backend.getByKey([reference]), [null])
        const { outcome, record } = await bench.offer({ key: 'k' })
        assert.equal(outcome, 'created')
        assert.deepEqual(await bench.offer({ key: 'k' }), { outcome: 'existing', record })
        await bench.violations(true)
      },
    },
  ],
}
