import { describe, expect, it, onTestFinished } from 'vitest'
import { startServer } from '../../../../scripts/servers/start-server.mjs'
import type { FaultLane } from '../faults/fault-lane.ts'
import { length, sample } from '../faults/length.ts'
import { BUGS } from './bugs.ts'
import { stopUnderLoad, type StopsResult, type StopsUnderLoad } from './under-load.ts'

/** Worker processes that get SIGTERM in the middle of their work, as with every deployment. */
export function describeStops(lane: FaultLane): void {
  async function stopped(given: Omit<StopsUnderLoad, 'url'>): Promise<StopsResult> {
    const server = await startServer(lane.kind)
    onTestFinished(() => server.stop())
    return await stopUnderLoad(lane, { ...given, url: server.url })
  }

  describe(`workers that are told to stop under load on ${lane.kind}`, () => {
    it(
      'lose nothing, consume no retry, and run nothing again that had finished',
      { timeout: length(240_000) },
      async ({ annotate }) => {
        const given = { stops: length(20), seed: 1, staleAfterMs: 10_000, bug: '' }
        const { complaints, figures } = await stopped(given)
        await annotate(figures)
        expect(complaints).toEqual([])
      },
    )

    it.each(sample(BUGS, lane.kind, 3))('would be found out: %s', { timeout: 240_000 }, async (bug, complaint) => {
      const { complaints } = await stopped({ stops: 6, seed: 2, staleAfterMs: 1_500, bug })
      expect(complaints.join('\n')).toMatch(complaint)
    })
  })
}
