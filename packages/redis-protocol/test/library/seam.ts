import { describeAccess } from './access.ts'
import { describeBackendOf } from './backend.ts'
import { describeCarried } from './carried.ts'
import { describeCluster } from './cluster.ts'
import { describeCommands } from './commands.ts'
import { describeGiven } from './given.ts'
import type { Lane } from './lane.ts'
import { describeMalformed } from './malformed.ts'
import { describePortions } from './portions.ts'
import { describeStored } from './stored.ts'
import { describeTicks } from './ticks.ts'
import { describeMessages } from './messages.ts'
import { describeOutages } from './outages.ts'
import { describeWaits } from './waits.ts'

/** What `RespClient` promises, on real servers, with one library. */
export function describeSeam(lane: Lane): void {
  describeCommands(lane)
  describeWaits(lane)
  describeMessages(lane)
  describeOutages(lane)
  describeGiven(lane)
  describeCluster(lane)
  describeAccess(lane)
  describeBackendOf(lane)
  describeCarried(lane)
  describeStored(lane)
  describePortions(lane)
  describeTicks(lane)
  describeMalformed(lane)
}
