import { redisBackend } from '@millrace/redis'
import { describeModel } from '../../redis-protocol/test/model/lockstep.ts'

const url = process.env['MILLRACE_TEST_REDIS_URL'] ?? ''

describeModel('redis', (options) => redisBackend({ ...options, url }))
