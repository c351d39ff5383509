import { redisBackend } from '@millrace/redis'
import { describeConformance } from '../../redis-protocol/test/library/conformance.ts'

describeConformance('redis', process.env['MILLRACE_TEST_REDIS_URL'] ?? '', redisBackend)
