import { redisBackend } from '@millrace/redis'
import { describeCrashes } from '../../redis-protocol/test/faults/crashes.ts'
import { describeKeptPauses } from '../../redis-protocol/test/faults/kept-pauses.ts'
import { describeFullServer } from '../../redis-protocol/test/faults/full-server.ts'
import { describeSkewedClocks } from '../../redis-protocol/test/faults/skewed-clocks.ts'

const lane = {
  kind: 'redis',
  open: (url: string, options = {}) => redisBackend({ ...options, url }),
} as const

describeCrashes(lane)
describeFullServer(lane)
describeKeptPauses(lane)
describeSkewedClocks(lane)
