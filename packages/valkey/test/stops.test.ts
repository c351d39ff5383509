import { valkeyBackend } from '@millrace/valkey'
import { describeStops } from '../../redis-protocol/test/stops/describe.ts'
import { describeEnds } from '../../redis-protocol/test/stops/ends.ts'

const lane = {
  kind: 'valkey',
  open: (url: string, options = {}) => valkeyBackend({ ...options, url: url.replace(/^redis/, 'valkey') }),
} as const

describeStops(lane)
describeEnds(lane)
