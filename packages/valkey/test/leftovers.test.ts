import { valkeyBackend } from '@millrace/valkey'
import { describeLeftovers } from '../../redis-protocol/test/faults/leftovers.ts'

const lane = {
  kind: 'valkey',
  open: (url: string, options = {}) => valkeyBackend({ ...options, url: url.replace(/^redis/, 'valkey') }),
} as const

describeLeftovers(lane)
