import { guardBackend, type HintRequest, type Watch } from '@millrace/core'
import { expect, it } from 'vitest'
import { recordingBackend } from './recording-backend.ts'

const LINE = { queue: 'a', executionBackend: 'b' }

async function guarded(): Promise<{
  readonly watch: Watch
  readonly requests: (HintRequest | undefined)[]
  closes: number
}> {
  const seen = { requests: [] as (HintRequest | undefined)[], closes: 0 }
  const inner: Watch = {
    async next(request) {
      seen.requests.push(request)
      return { kind: 'work' }
    },
    async close() {
      seen.closes += 1
    },
  }
  const { backend } = recordingBackend({ watch: () => Promise.resolve(inner) })
  const watch = await guardBackend(backend).watch({ lines: [LINE] })
  return Object.assign(seen, { watch })
}

it('a watch hears what its wait was asked for, and what was left out stays away', async () => {
  const { watch, requests } = await guarded()
  const { signal } = new AbortController()
  const turn = { workerId: 'w', slot: 0, nonce: 'n', claim: { lines: [LINE], limit: 1, order: 'listed' as const } }
  expect(await watch.next({ signal, lines: [LINE], turn })).toEqual({ kind: 'work' })
  await watch.next()
  expect(requests).toEqual([{ signal, lines: [LINE], turn }, {}])
  expect(requests[0]?.signal).toBe(signal)
})

it('what its caller changes while it waits changes nothing', async () => {
  const { watch, requests } = await guarded()
  const [lines, claimed] = [[{ ...LINE }], [{ ...LINE }]]
  const waiting = watch.next({
    lines,
    turn: { workerId: 'w', slot: 0, nonce: 'n', claim: { lines: claimed, limit: 1 } },
  })
  for (const line of [...lines, ...claimed]) line.queue = ''
  await waiting
  expect(requests[0]?.lines).toEqual([LINE])
  expect(requests[0]?.turn?.claim.lines).toEqual([LINE])
})

it('is closed by whoever has it', async () => {
  const seen = await guarded()
  await seen.watch.close()
  expect(seen.closes).toBe(1)
})
