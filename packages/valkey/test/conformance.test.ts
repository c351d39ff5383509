import { valkeyBackend } from '@millrace/valkey'
import { describeConformance } from '../../redis-protocol/test/library/conformance.ts'

describeConformance('valkey', process.env['MILLRACE_TEST_VALKEY_URL'] ?? '', ({ url, ...options }) =>
  valkeyBackend({ url: url.replace(/^redis/, 'valkey'), ...options }),
)
