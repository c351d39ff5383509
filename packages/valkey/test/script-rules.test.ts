import { valkeyBackend } from '@millrace/valkey'
import { describeScriptRules } from '../../redis-protocol/test/monitor/describe.ts'

describeScriptRules({
  kind: 'valkey',
  open: (url, options) => valkeyBackend({ ...options, url: url.replace(/^redis/, 'valkey') }),
})
