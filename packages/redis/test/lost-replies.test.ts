import { redisBackend } from '@millrace/redis'
import { describeLostReplies } from '../../redis-protocol/test/faults/lost-replies.ts'

const lane = {
  kind: 'redis',
  open: (url: string, options = {}) => redisBackend({ ...options, url }),
} as const

describeLostReplies(lane)
