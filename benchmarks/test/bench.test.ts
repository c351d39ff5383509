import { expect, it } from 'vitest'
import { bench } from '../src/bench.ts'
import { offersPrefetch } from '../src/peers/prefetch.ts'
import { PEER_NAMES } from '../src/peers/all-peers.ts'
import { TINY } from '../src/plan.ts'
import { reportText } from '../src/report.ts'
import { ROWS } from '../src/rows/all-rows.ts'
import type { Sample } from '../src/sample.ts'

const peers = PEER_NAMES.filter((peer) => peer !== 'millrace-prefetch' || offersPrefetch())

it.for(['redis', 'valkey'] as const)(
  'every row measures every peer on %s, each record handled once',
  { timeout: 120_000 },
  async (kind) => {
    const samples: Sample[] = []
    await bench({ kind, plan: TINY, peers, rows: ROWS, onSample: (sample) => samples.push(sample) })
    const failed = samples.filter(({ values }) => typeof values === 'string')
    expect(failed).toEqual([])
    expect(new Set(samples.map(({ row }) => row))).toEqual(new Set(ROWS.map(({ name }) => name)))
    expect(new Set(samples.map(({ peer }) => peer))).toEqual(new Set(peers))
    const text = reportText({ circumstances: [], rows: ROWS, kinds: [kind], peers, samples })
    for (const { title } of ROWS) expect(text).toContain(`## ${title}`)
  },
)
