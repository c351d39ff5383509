import { redisBackend } from '@millrace/redis'
import { describeLeftovers } from '../../redis-protocol/test/faults/leftovers.ts'

const lane = {
  kind: 'redis',
  open: (url: string, options = {}) => redisBackend({ ...options, url }),
} as const

describeLeftovers(lane)
