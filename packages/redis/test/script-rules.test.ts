import { redisBackend } from '@millrace/redis'
import { describeScriptRules } from '../../redis-protocol/test/monitor/describe.ts'

describeScriptRules({
  kind: 'redis',
  open: (url, options) => redisBackend({ ...options, url: url }),
})
