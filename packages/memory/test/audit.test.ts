import { guardBackend, manualClock, STATUS, type Backend, type Violation } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { breakOf } from '@millrace/memory/break'
import { describe, expect, it } from 'vitest'
import { innerOf } from '../src/memory-backend.ts'
import { move, remove } from '../src/move.ts'
import { LINE, sampleRequest } from './sample.ts'

const CLAIM = { workerId: 'w', slot: 0, nonce: 'n', claim: { lines: [LINE], limit: 10 } }

async function codes(backend: Backend, repair = false): Promise<readonly string[]> {
  const found: Violation[] = []
  let cursor: string | null = null
  do {
    const page = await backend.audit({ repair, cursor, limit: 1 })
    found.push(...page.violations)
    cursor = page.cursor
  } while (cursor !== null)
  return found.map(({ code, subject, repaired }) => `${code} ${subject}${repaired ? ' repaired' : ''}`)
}

describe('an audit', () => {
  it('gives a record its key back while nobody else holds it', async () => {
    const backend = memoryBackend()
    const request = sampleRequest({ key: 'k' })
    await backend.enqueue([request])
    innerOf(backend).namespace.keys.clear()
    expect(await codes(backend)).toEqual([`unheld_key ${request.id}`])
    expect(await codes(backend, true)).toEqual([`unheld_key ${request.id} repaired`])
    expect(await codes(backend)).toEqual([])
    expect(await backend.enqueue([sampleRequest({ key: 'k' })])).toMatchObject([{ outcome: 'existing' }])
  })

  it('leaves a key with an active record that holds it', async () => {
    const backend = memoryBackend()
    const requests = [sampleRequest({ key: 'k' }), sampleRequest({ key: 'k' })]
    await backend.enqueue(requests.slice(0, 1))
    innerOf(backend).namespace.keys.clear()
    await backend.enqueue(requests.slice(1))
    expect(await codes(backend, true)).toEqual([`unheld_key ${requests[0]?.id}`])
    expect(await backend.getByKey([{ scope: 'task', taskName: 'sample', key: 'k' }])).toMatchObject([
      { id: requests[1]?.id },
    ])
  })

  it('finds the entry of a record that is elsewhere, and every entry and key of one that is gone', async () => {
    const backend = memoryBackend()
    const [moved, gone] = [sampleRequest(), sampleRequest({ key: 'k', expiresInMs: 1_000 })]
    await backend.enqueue([moved, gone])
    const { lines } = innerOf(backend).namespace
    lines.find(LINE)?.indexes.completed.add({ score: 5, id: moved.id })
    await breakOf(backend).forgetRecord(gone.id)
    const expected = ['dangling_key k', ...[moved, gone, gone].map(({ id }) => `dangling_index ${id}`)].toSorted()
    expect((await codes(backend)).toSorted()).toEqual(expected)
    expect((await codes(backend, true)).toSorted()).toEqual(expected.map((one) => `${one} repaired`))
    expect(await codes(backend)).toEqual([])
  })

  it('refuses the cursor of something else', async () => {
    const backend = memoryBackend()
    await backend.enqueue([sampleRequest(), sampleRequest()])
    const { cursor } = await backend.list({ view: 'pending', limit: 1 })
    for (const other of [cursor, 'nonsense', btoa('{}')]) {
      await expect(backend.audit({ cursor: other })).rejects.toMatchObject({ parameter: 'audit.cursor' })
    }
  })
})

describe('an index entry of a record that is elsewhere', () => {
  it('is dropped by the claim and the sweep that meet it', async () => {
    const clock = manualClock()
    const backend = memoryBackend({ clock })
    const request = sampleRequest()
    await backend.enqueue([request])
    await backend.turn(CLAIM)
    const { indexes } = innerOf(backend).namespace.lines.at(LINE)
    indexes.pending.add({ score: 1, id: request.id })
    indexes.expired.add({ score: 1, id: request.id })
    expect((await backend.turn({ ...CLAIM, nonce: 'another' })).records).toEqual([])
    expect((await backend.sweep({ what: 'finished', olderThanMs: 600_000 })).removed).toEqual([])
    expect([indexes.pending.size, indexes.expired.size]).toEqual([0, 0])
    expect(await backend.get([request.id])).toMatchObject([{ status: STATUS.running }])
  })
})

describe('a record whose body is not JSON', () => {
  it('is quarantined by its claim, found by the audit, and removed with its key', async () => {
    const clock = manualClock()
    const backend = memoryBackend({ clock })
    const [bad, good] = [{ ...sampleRequest({ key: 'k', expiresInMs: 60_000 }), body: '{"args":' }, sampleRequest()]
    await backend.enqueue([bad, good])
    expect((await backend.turn(CLAIM)).records).toMatchObject([{ id: good.id }])
    expect(await backend.get([bad.id])).toMatchObject([{ status: STATUS.failed, error: { code: 'corrupt_record' } }])
    expect(await codes(backend, true)).toEqual([`corrupt_record ${bad.id}`])
    clock.advance(600_001)
    expect((await backend.sweep({ what: 'finished', olderThanMs: 600_000 })).removed).toEqual([bad.id])
    expect(await backend.getByKey([{ scope: 'task', taskName: 'sample', key: 'k' }])).toEqual([null])
    expect(await codes(backend)).toEqual([])
  })
})

describe('a record', () => {
  it('is moved and removed by the status table alone', async () => {
    const backend = memoryBackend()
    const { id } = sampleRequest()
    await backend.enqueue([sampleRequest({ id })])
    const { namespace } = innerOf(backend)
    const row = namespace.readable(id)
    if (row === null) throw new Error('it was just enqueued')
    expect(() => move(namespace, row, 'complete', STATUS.completed)).toThrow('does not let complete act so')
    expect(() => remove(namespace, row, 0)).toThrow('does not let remove act so')
    expect(await codes(backend)).toEqual([])
    expect(await backend.get([id])).toMatchObject([{ status: STATUS.pending, lastEvent: 'enqueue' }])
  })
})

describe('the faults', () => {
  it('are for memory backends, and for records that exist', async () => {
    const backend = memoryBackend()
    const { id } = sampleRequest()
    await breakOf(backend).writeGarbage(id)
    await breakOf(backend).forgetIndex(id)
    expect(await backend.get([id])).toEqual([null])
    expect(() => breakOf(guardBackend(innerOf(backend)))).toThrow(TypeError)
  })
})
