import { respClientOn } from '@millrace/redis-protocol'
import { describeCosts, describeShares } from '../../redis-protocol/test/costs/describe.ts'
import { clientOf } from '../src/options.ts'

describeCosts('redis', (url) => respClientOn(clientOf({ url }), 'ours'))
describeShares('redis', (url) => respClientOn(clientOf({ url }), 'ours'))
