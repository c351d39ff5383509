import { redisBackend } from '@millrace/redis'
import { Cluster, Redis } from 'ioredis'
import { describeSeam } from '../../redis-protocol/test/library/seam.ts'
import { clientOf } from '../src/options.ts'

describeSeam({
  name: 'ioredis 6',
  kind: 'redis',
  schemes: ['redis', 'rediss'],
  clientOf,
  backend: redisBackend,
  Redis,
  Cluster,
})
