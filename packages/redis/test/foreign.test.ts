import { redisBackend } from '@millrace/redis'
import { describeForeignKeys } from '../../redis-protocol/test/faults/foreign-keys.ts'
import { describeGarbageMeta } from '../../redis-protocol/test/faults/garbage-meta.ts'
import { describeGarbageValues } from '../../redis-protocol/test/faults/garbage-values.ts'

const lane = {
  kind: 'redis',
  open: (url: string, options = {}) => redisBackend({ ...options, url }),
} as const

describeForeignKeys(lane)
describeGarbageValues(lane)
describeGarbageMeta(lane)
