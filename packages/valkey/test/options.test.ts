import { valkey, valkeyBackend } from '@millrace/valkey'
import { describeOptions } from '../../redis-protocol/test/library/options.ts'

describeOptions({
  name: 'valkey',
  library: 'iovalkey',
  schemes: ['valkey', 'valkeys'],
  adapter: valkey,
  backend: valkeyBackend,
})
