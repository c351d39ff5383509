import { respClientOn } from '@millrace/redis-protocol'
import { describeCosts, describeShares } from '../../redis-protocol/test/costs/describe.ts'
import { clientOf } from '../src/options.ts'

describeCosts('valkey', (url) => respClientOn(clientOf({ url: url.replace('redis', 'valkey') }), 'ours'))
describeShares('valkey', (url) => respClientOn(clientOf({ url: url.replace('redis', 'valkey') }), 'ours'))
