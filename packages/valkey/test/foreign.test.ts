import { valkeyBackend } from '@millrace/valkey'
import { describeForeignKeys } from '../../redis-protocol/test/faults/foreign-keys.ts'
import { describeGarbageMeta } from '../../redis-protocol/test/faults/garbage-meta.ts'
import { describeGarbageValues } from '../../redis-protocol/test/faults/garbage-values.ts'

const lane = {
  kind: 'valkey',
  open: (url: string, options = {}) => valkeyBackend({ ...options, url: url.replace(/^redis/, 'valkey') }),
} as const

describeForeignKeys(lane)
describeGarbageValues(lane)
describeGarbageMeta(lane)
