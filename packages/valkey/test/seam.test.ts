import { valkeyBackend } from '@millrace/valkey'
import { Cluster, Redis } from 'iovalkey'
import { describeSeam } from '../../redis-protocol/test/library/seam.ts'
import { clientOf } from '../src/options.ts'

describeSeam({
  name: 'iovalkey',
  kind: 'valkey',
  schemes: ['valkey', 'valkeys'],
  clientOf,
  backend: valkeyBackend,
  Redis,
  Cluster,
})
