import { valkeyBackend } from '@millrace/valkey'
import { describeToldToStop } from '../../worker/test/told-to-stop.ts'

const url = process.env['MILLRACE_TEST_VALKEY_URL'] ?? ''

describeToldToStop('valkey', (namespace) => valkeyBackend({ url: url.replace(/^redis/, 'valkey'), namespace }))
