import { valkeyBackend } from '@millrace/valkey'
import { describeLostReplies } from '../../redis-protocol/test/faults/lost-replies.ts'

const lane = {
  kind: 'valkey',
  open: (url: string, options = {}) => valkeyBackend({ ...options, url: url.replace(/^redis/, 'valkey') }),
} as const

describeLostReplies(lane)
