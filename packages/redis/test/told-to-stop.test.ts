import { redisBackend } from '@millrace/redis'
import { describeToldToStop } from '../../worker/test/told-to-stop.ts'

const url = process.env['MILLRACE_TEST_REDIS_URL'] ?? ''

describeToldToStop('redis', (namespace) => redisBackend({ url, namespace }))
