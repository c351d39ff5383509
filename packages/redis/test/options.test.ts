import { redis, redisBackend } from '@millrace/redis'
import { describeOptions } from '../../redis-protocol/test/library/options.ts'

describeOptions({
  name: 'redis',
  library: 'ioredis',
  schemes: ['redis', 'rediss'],
  adapter: redis,
  backend: redisBackend,
})
