import { redisBackend } from '@millrace/redis'
import { Cluster, Redis } from 'ioredis5'
import { vi } from 'vitest'
import { describeSeam } from '../../redis-protocol/test/library/seam.ts'
import { clientOf } from '../src/options.ts'

// The adapter itself gets the older library, as in a project that has that one.
vi.mock('ioredis', () => import('ioredis5'))

describeSeam({
  name: 'ioredis 5',
  kind: 'redis',
  schemes: ['redis', 'rediss'],
  clientOf,
  backend: redisBackend,
  Redis,
  Cluster,
})
