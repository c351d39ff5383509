import { valkeyBackend } from '@millrace/valkey'
import { describeModel } from '../../redis-protocol/test/model/lockstep.ts'

const url = process.env['MILLRACE_TEST_VALKEY_URL'] ?? ''

describeModel('valkey', (options) => valkeyBackend({ ...options, url: url.replace(/^redis/, 'valkey') }))
