import { guardBackend } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { recordingBackend } from './recording-backend.ts'
import { invalid, rejection, tooLarge, type Refusal } from './refusal.ts'
import { ID, idOf } from './sample-request.ts'

const TURN = { workerId: 'w', slot: 0, nonce: 'n' }
const LINE = { queue: 'a', executionBackend: 'local' }
const PRESENCE = { host: 'h', pid: 1, concurrency: 1, lines: [LINE] }
const TOO_MANY = Array.from({ length: 1_001 }, (_, i) => idOf(i))
const MEBIBYTE = `"${'x'.repeat(1_048_575)}"`

const complete = (changes: object): object => ({
  settlements: [{ outcome: 'complete', id: ID, attempt: 1, result: 'null', ...changes }],
})
const fail = (changes: object): object => ({
  settlements: [{ outcome: 'fail', id: ID, attempt: 1, error: '{}', retryInMs: null, ...changes }],
})
const touch = (changes: object): object => ({ touches: [{ id: ID, attempt: 1, ...changes }] })
const claim = (changes: object): object => ({ claim: { lines: [LINE], limit: 1, ...changes } })
const presence = (changes: object): object => ({ presence: { ...PRESENCE, ...changes } })

describe('a turn is refused before anything is called', () => {
  it.each<[what: string, turn: object, refused: Refusal]>([
    ['an unknown part', { touch: [] }, invalid('turn.touch')],
    ['no worker', { workerId: undefined }, invalid('turn.workerId')],
    ['a bad worker', { workerId: 'a b' }, invalid('turn.workerId')],
    ['a negative slot', { slot: -1 }, invalid('turn.slot')],
    ['one slot too many', { slot: 16 }, invalid('turn.slot')],
    ['no nonce', { nonce: '' }, invalid('turn.nonce')],

    ['settlements that are no list', { settlements: {} }, invalid('turn.settlements')],
    ['too many settlements', { settlements: TOO_MANY }, tooLarge('turn.settlements')],
    ['null for a settlement', { settlements: [null] }, invalid('turn.settlements[0]')],
    ['an unknown outcome', complete({ outcome: 'done' }), invalid('turn.settlements[0].outcome')],
    ['a bad id', complete({ id: 'x' }), invalid('turn.settlements[0].id')],
    ['no attempt', complete({ attempt: undefined }), invalid('turn.settlements[0].attempt')],
    ['attempt 0, which nobody holds', complete({ attempt: 0 }), invalid('turn.settlements[0].attempt')],
    ['an attempt that is a text', complete({ attempt: '1' }), invalid('turn.settlements[0].attempt')],
    ['no result', complete({ result: undefined }), invalid('turn.settlements[0].result')],
    ['a result that is no text', complete({ result: { a: 1 } }), invalid('turn.settlements[0].result')],
    ['a large result', complete({ result: MEBIBYTE }), tooLarge('turn.settlements[0].result')],
    ["another outcome's part", complete({ retryInMs: 5 }), invalid('turn.settlements[0].retryInMs')],
    ['no error', fail({ error: '' }), invalid('turn.settlements[0].error')],
    ['a large error', fail({ error: 'x'.repeat(16_385) }), tooLarge('turn.settlements[0].error')],
    ['no retry', fail({ retryInMs: undefined }), invalid('turn.settlements[0].retryInMs')],
    ['a negative retry', fail({ retryInMs: -1 }), invalid('turn.settlements[0].retryInMs')],
    [
      'a snooze without end',
      { settlements: [{ outcome: 'snooze', id: ID, attempt: 1, delayMs: Number.POSITIVE_INFINITY }] },
      invalid('turn.settlements[0].delayMs'),
    ],
    [
      'a release with a delay',
      { settlements: [{ outcome: 'release', id: ID, attempt: 1, delayMs: 5 }] },
      invalid('turn.settlements[0].delayMs'),
    ],

    ['touches that are no list', { touches: ID }, invalid('turn.touches')],
    ['too many touches', { touches: TOO_MANY }, tooLarge('turn.touches')],
    ['null for a touch', { touches: [null] }, invalid('turn.touches[0]')],
    ['a touch of a bad id', touch({ id: '' }), invalid('turn.touches[0].id')],
    ['a touch of attempt 0', touch({ attempt: 0 }), invalid('turn.touches[0].attempt')],
    ['a bad alive', touch({ alive: 'no' }), invalid('turn.touches[0].alive')],
    ['progress that is no text', touch({ progress: 5 }), invalid('turn.touches[0].progress')],
    ['large progress', touch({ progress: MEBIBYTE }), tooLarge('turn.touches[0].progress')],
    ['an unknown part of a touch', touch({ heartbeat: 1 }), invalid('turn.touches[0].heartbeat')],

    ['null for a claim', { claim: null }, invalid('turn.claim')],
    ['a text for a claim', { claim: 'default' }, invalid('turn.claim')],
    ['a claim of nothing', { claim: {} }, invalid('turn.claim.limit')],
    ['ids and lines', { claim: { ids: [ID], lines: [LINE], limit: 1 } }, invalid('turn.claim.lines')],
    ['a bad id to claim', { claim: { ids: ['x'] } }, invalid('turn.claim.ids[0]')],
    ['too many ids to claim', { claim: { ids: TOO_MANY } }, tooLarge('turn.claim.ids')],
    ['a negative limit', claim({ limit: -1 }), invalid('turn.claim.limit')],
    ['a huge limit', claim({ limit: 1_001 }), invalid('turn.claim.limit')],
    ['an unknown order', claim({ order: 'random' }), invalid('turn.claim.order')],
    ['no lines', claim({ lines: undefined }), invalid('turn.claim.lines')],
    ['null for a line', claim({ lines: [null] }), invalid('turn.claim.lines[0]')],
    ['a queue for a line', claim({ lines: ['a'] }), invalid('turn.claim.lines[0]')],
    ['half a line', claim({ lines: [{ queue: 'a' }] }), invalid('turn.claim.lines[0].executionBackend')],
    ['a bad limit of a line', claim({ lines: [{ ...LINE, limit: 0.5 }] }), invalid('turn.claim.lines[0].limit')],
    ['an unknown part of a line', claim({ lines: [{ ...LINE, max: 1 }] }), invalid('turn.claim.lines[0].max')],
    ['a line twice', claim({ lines: [LINE, { ...LINE, limit: 2 }] }), invalid('turn.claim.lines[1]')],

    ['a text for a presence', { presence: 'here' }, invalid('turn.presence')],
    ['no host', presence({ host: '' }), invalid('turn.presence.host')],
    ['a long host', presence({ host: 'x'.repeat(201) }), tooLarge('turn.presence.host')],
    ['a bad process', presence({ pid: -1 }), invalid('turn.presence.pid')],
    ['a bad concurrency', presence({ concurrency: 1.5 }), invalid('turn.presence.concurrency')],
    ['no lines of a worker', presence({ lines: undefined }), invalid('turn.presence.lines')],
    ['null for a line of a worker', presence({ lines: [null] }), invalid('turn.presence.lines[0]')],
    ['a bad line of a worker', presence({ lines: [{ queue: '*' }] }), invalid('turn.presence.lines[0].queue')],
    [
      'an unknown part of a line of a worker',
      presence({ lines: [{ ...LINE, limit: 1 }] }),
      invalid('turn.presence.lines[0].limit'),
    ],
    ['an unknown part of a presence', presence({ name: 'x' }), invalid('turn.presence.name')],
  ])('%s', async (_what, part, refused) => {
    const { backend, calls } = recordingBackend()
    const turn: unknown = { ...TURN, ...part }
    expect(await rejection(() => Reflect.apply(guardBackend(backend).turn, guardBackend(backend), [turn]))).toEqual(
      refused,
    )
    expect(calls).toEqual([])
  })

  it.each([undefined, null, 'w', []])('%s', async (turn) => {
    const { backend, calls } = recordingBackend()
    const guarded = guardBackend(backend)
    expect(await rejection(() => Reflect.apply(guarded.turn, guarded, [turn]))).toEqual(invalid('turn'))
    expect(calls).toEqual([])
  })
})

describe('a turn is passed on as it is', () => {
  it.each<[what: string, turn: object]>([
    ['empty', {}],
    ['with empty parts', { settlements: [], touches: [], claim: { ids: [] }, presence: null }],
    [
      'with every settlement',
      {
        settlements: [
          { outcome: 'complete', id: ID, attempt: 1, result: 'null' },
          { outcome: 'complete', id: ID, attempt: 'any', result: '{}' },
          { outcome: 'fail', id: ID, attempt: 1, error: '{}', retryInMs: null },
          { outcome: 'fail', id: ID, attempt: 1, error: '{}', retryInMs: 0 },
          { outcome: 'snooze', id: ID, attempt: 1, delayMs: 0 },
          { outcome: 'release', id: ID, attempt: 1_000_000 },
        ],
      },
    ],
    ['with touches', { touches: [{ id: ID, attempt: 'any', alive: false, progress: '1' }] }],
    ['with a claim of no lines', { claim: { lines: [], limit: 0 } }],
    ['with a claim', { slot: 15, claim: { lines: [{ ...LINE, limit: 0 }], limit: 1_000, order: 'listed' } }],
    ['with a presence', { presence: PRESENCE }],
  ])('%s', async (_what, part) => {
    const { backend, calls } = recordingBackend()
    const guarded = guardBackend(backend)
    const turn = { ...TURN, ...part }
    await expect(guarded.turn(turn)).rejects.toThrow('no answer for turn')
    expect(calls.at(-1)).toEqual({ method: 'turn', parameters: [turn] })
  })
})

describe('lines of a claim', () => {
  /** Counts how often it is read. */
  function watched(line: object): { readonly line: object; readonly reads: () => number } {
    let reads = 0
    const counting = new Proxy(line, {
      get(target, name) {
        reads += 1
        return Reflect.get(target, name)
      },
    })
    return { line: counting, reads: () => reads }
  }

  async function claimed(...lists: readonly object[]): Promise<readonly unknown[]> {
    const { backend, calls } = recordingBackend({ turn: () => Promise.reject(new Error('no answer')) })
    const guarded = guardBackend(backend)
    for (const lines of lists)
      await Reflect.apply(guarded.turn, guarded, [{ ...TURN, claim: { lines, limit: 1 } }]).catch(() => {})
    return calls.flatMap(({ method, parameters }) => (method === 'turn' ? parameters : []))
  }

  it('that nobody can change are read once, and reach the backend each time', async () => {
    const { line, reads } = watched(Object.freeze({ ...LINE }))
    const lines = Object.freeze([line])
    expect(await claimed(lines)).toMatchObject([{ claim: { lines: [LINE] } }])
    const once = reads()
    expect(await claimed(lines, lines)).toMatchObject([{ claim: { lines: [LINE] } }, { claim: { lines: [LINE] } }])
    expect(reads()).toBe(once)
  })

  it.each<[what: string, list: (line: object) => readonly object[], line: object]>([
    ['in a list that may change', (line) => [line], Object.freeze({ ...LINE })],
    ['of which one may change', (line) => Object.freeze([line]), { ...LINE }],
    [
      'with a limit of its own, which another backend may not have',
      (line) => Object.freeze([line]),
      Object.freeze({ ...LINE, limit: 5 }),
    ],
  ])('are read each time: one %s', async (_, list, given) => {
    const { line, reads } = watched(given)
    const lines = list(line)
    await claimed(lines)
    const once = reads()
    await claimed(lines)
    expect(reads()).toBe(2 * once)
  })

  it('are refused each time where they were refused', async () => {
    const lines = Object.freeze([Object.freeze({ ...LINE, queue: 'a b' })])
    expect(await claimed(lines, lines)).toEqual([])
  })
})
