import { describe, it } from 'vitest'
import { backendAt } from './sample/backend.ts'
import { sample } from './sample/sample.ts'

const redis = process.env['MILLRACE_TEST_REDIS_URL']
const valkey = process.env['MILLRACE_TEST_VALKEY_URL']?.replace('redis', 'valkey')

describe.each([
  ['memory', undefined],
  ['Redis', redis],
  ['Valkey', valkey],
])('on %s', (_name, url) => {
  for (const { name, run } of sample) it(name, () => run(backendAt(url)))
})
