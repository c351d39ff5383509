import { redisBackend } from '@millrace/redis'
import { describeStops } from '../../redis-protocol/test/stops/describe.ts'
import { describeEnds } from '../../redis-protocol/test/stops/ends.ts'

const lane = {
  kind: 'redis',
  open: (url: string, options = {}) => redisBackend({ ...options, url }),
} as const

describeStops(lane)
describeEnds(lane)
