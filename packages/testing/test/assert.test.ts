import { QueueError, STATUS, task } from '@millrace/core'
import { AssertionError, createTestbed } from '@millrace/testing'
import { describe, expect, it } from 'vitest'

const mail = task<{ to: string; tags?: string[]; from?: { name: string } }, null>('mail.send', { queue: 'mail' })
const resize = task<{ url: string }, null>('image.resize')

async function messageOf(assertion: Promise<unknown>): Promise<string> {
  const error: unknown = await assertion.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(AssertionError)
  return error instanceof Error ? error.message : 'it passed'
}

describe('assertEnqueued', () => {
  it('finds records by any part of them, and resolves to them', async () => {
    await using bed = await createTestbed({ now: 1_900_000_000_000 })
    const options = { delay: '5m', key: 'k', priority: 7, retries: 2, metadata: { tenant: 'a', n: [1] } } as const
    const { id } = await bed.client.enqueue(mail, { to: 'ada', tags: ['x', 'y'], from: { name: 'shop' } }, options)
    await bed.client.enqueue(mail, { to: 'bob' })
    for (const expected of [
      { input: { to: 'ada' } },
      { input: { from: { name: 'shop' } } },
      { input: { tags: ['x', 'y'] } },
      { input: { to: expect.stringMatching(/^ad/) } },
      { delay: '5m' },
      { delay: 300_000 },
      { scheduledAt: new Date(1_900_000_300_000) },
      { key: 'k' },
      { priority: 7 },
      { retries: 2 },
      { metadata: { tenant: 'a' } },
      { status: STATUS.scheduled, count: 1 },
    ] as const)
      expect(await bed.assertEnqueued(mail, expected)).toMatchObject([{ id, input: { to: 'ada' } }])
    await bed.assertEnqueued(mail, { delay: 0, key: null, queue: 'mail', count: 1 })
    expect((await bed.assertEnqueued(mail, { count: 2 })).map(({ input }) => input.to)).toEqual(['ada', 'bob'])
    await bed.assertEnqueued(resize, { count: 0 })
    for (const input of [{ tags: ['x'] }, { tags: ['y', 'x'] }, { from: { name: 'Shop' } }, { to: 'ad' }] as const)
      await bed.assertNotEnqueued(mail, { input })
    expect((await bed.enqueued(mail)).map(({ input }) => input.to)).toEqual(['ada', 'bob'])
  })

  it('finds a record whatever became of it', async () => {
    const done = mail.handle(() => undefined)
    await using bed = await createTestbed({ tasks: [done] })
    await bed.client.enqueue(mail, { to: 'ada' })
    const { id } = await bed.client.enqueue(mail, { to: 'bob' })
    await bed.client.cancel(id)
    await bed.runAll()
    await bed.assertEnqueued(mail, { status: STATUS.completed, count: 1 })
    await bed.assertEnqueued(mail, { status: STATUS.cancelled, count: 1 })
  })

  it('shows what was enqueued instead, the nearest first', async () => {
    await using bed = await createTestbed()
    await bed.client.enqueue(mail, { to: 'eve', tags: ['a'] })
    await bed.client.enqueue(mail, { to: 'ada', tags: ['a'] }, { delay: '1m', key: 'ada' })
    await bed.client.enqueue(resize, { url: '/a.png' })
    expect(await messageOf(bed.assertEnqueued(mail, { input: { to: 'ada', tags: ['b'] }, delay: '1m' }))).toBe(
      `No record of mail.send was enqueued like this:
  input: {"to":"ada","tags":["b"]}
  delay: "1m"
Enqueued were 2, the nearest first:
  1. scheduled, queue mail, key ada, input {"to":"ada","tags":["a"]}
     input.tags[0] is "a", not "b"
  2. pending, queue mail, input {"to":"eve","tags":["a"]}
     input.to is "eve", not "ada"
     input.tags[0] is "a", not "b"
     delay is 0 ms, not 60000 ms`,
    )
  })

  it('shows a matcher as itself, what is missing, and a value of another kind', async () => {
    await using bed = await createTestbed()
    await bed.client.enqueue(mail, { to: 'ada' })
    expect(
      await messageOf(bed.assertEnqueued(mail, { input: { to: expect.any(Number), tags: [], from: { name: 'x' } } })),
    ).toBe(
      `No record of mail.send was enqueued like this:
  input: {"to":"Any<Number>","tags":[],"from":{"name":"x"}}
Enqueued was:
  1. pending, queue mail, input {"to":"ada"}
     input.to is "ada", not Any<Number>
     input.tags is missing, not []
     input.from is missing, not {"name":"x"}`,
    )
  })

  it('says so where nothing was enqueued, or only others', async () => {
    await using bed = await createTestbed()
    expect(await messageOf(bed.assertEnqueued(mail))).toBe(
      'No record of mail.send was enqueued.\nNothing was enqueued.',
    )
    await bed.client.enqueue(resize, { url: 'a' })
    await bed.client.enqueue(resize, { url: 'b' })
    expect(await messageOf(bed.assertEnqueued(mail, { count: 1 }))).toBe(
      'No record of mail.send was enqueued.\nEnqueued were others: image.resize (2).',
    )
  })

  it('counts, and shows no more than five', async () => {
    await using bed = await createTestbed()
    for (let n = 0; n < 7; n++) await bed.client.enqueue(mail, { to: 'ada' })
    const row = (n: number): string => `  ${n}. pending, queue mail, input {"to":"ada"}`
    expect(await messageOf(bed.assertEnqueued(mail, { input: { to: 'ada' }, count: 1 }))).toBe(
      [
        '7 records of mail.send were enqueued like this, instead of 1:',
        '  input: {"to":"ada"}',
        'Enqueued were 7, the nearest first:',
        ...[1, 2, 3, 4, 5].map(row),
        '  and 2 more',
      ].join('\n'),
    )
  })

  it('throws what frameworks know as a failed assertion', async () => {
    await using bed = await createTestbed()
    await bed.client.enqueue(mail, { to: 'eve' })
    const error: unknown = await bed.assertEnqueued(mail, { key: 'k' }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      name: 'AssertionError',
      code: 'ERR_ASSERTION',
      actual: [{ status: 'pending', queue: 'mail', key: null, priority: 0, input: { to: 'eve' } }],
      expected: { key: 'k' },
    })
  })

  it('refuses a misspelt expectation instead of finding everything', async () => {
    await using bed = await createTestbed()
    await bed.client.enqueue(mail, { to: 'eve' })
    // @ts-expect-error -- priority
    await expect(bed.assertEnqueued(mail, { prioriti: 1 })).rejects.toThrow('did you mean priority?')
    // @ts-expect-error -- '5m'
    await expect(bed.assertEnqueued(mail, { delay: '5' })).rejects.toBeInstanceOf(QueueError)
    await expect(bed.assertEnqueued(mail, { count: -1 })).rejects.toThrow('expected.count')
    // @ts-expect-error -- there is none to count
    await expect(bed.assertNotEnqueued(mail, { count: 1 })).rejects.toBeInstanceOf(QueueError)
  })

  it.each([
    ['status', 'pendign'],
    ['status', null],
    ['queue', 5],
    ['queue', 'no queue'],
    ['key', ''],
    ['key', 5],
    ['priority', '1'],
    ['priority', 5_000],
    ['retries', -1],
    ['metadata', 'tenant'],
    ['input', 5],
    ['delay', null],
    ['scheduledAt', 'tomorrow'],
  ])('refuses %s %j, which no record has, instead of not finding it', async (name, value) => {
    await using bed = await createTestbed()
    await bed.client.enqueue(mail, { to: 'eve' })
    const refused = { code: 'invalid_argument', parameter: `expected.${name}` }
    await expect(bed.assertNotEnqueued(mail, { [name]: value })).rejects.toMatchObject(refused)
    await expect(bed.assertEnqueued(mail, { [name]: value })).rejects.toMatchObject(refused)
  })

  it('takes a matcher for any part of a record', async () => {
    await using bed = await createTestbed()
    await bed.client.enqueue(mail, { to: 'eve' }, { key: 'k-1' })
    const [record] = await bed.assertEnqueued(mail, {
      key: expect.stringMatching(/^k-/),
      status: expect.any(String),
      input: expect.anything(),
    })
    expect(record?.key).toBe('k-1')
    await bed.assertNotEnqueued(mail, { key: expect.stringMatching(/^l/) })
  })

  it.each(['mail.send', null, {}, () => null])('asks for a task where it is given %s', async (given) => {
    await using bed = await createTestbed()
    const refused = { code: 'invalid_argument', message: 'task must be a task: task(name, options)' }
    for (const call of [bed.assertEnqueued, bed.assertNotEnqueued, bed.enqueued])
      await expect(Reflect.apply(call, bed, [given])).rejects.toMatchObject(refused)
  })
})

describe('assertNotEnqueued', () => {
  it('shows what was', async () => {
    await using bed = await createTestbed()
    await bed.client.enqueue(mail, { to: 'eve' })
    await bed.assertNotEnqueued(mail, { input: { to: 'ada' } })
    await bed.assertNotEnqueued(resize)
    expect(await messageOf(bed.assertNotEnqueued(mail))).toBe(
      '1 record of mail.send was enqueued, instead of none.\n  1. pending, queue mail, input {"to":"eve"}',
    )
    expect(await messageOf(bed.assertNotEnqueued(mail, { input: { to: 'eve' } }))).toBe(
      `1 record of mail.send was enqueued like this, instead of none:
  input: {"to":"eve"}
Found:
  1. pending, queue mail, input {"to":"eve"}`,
    )
  })
})
