import { invalidArgument, type Adapter } from '@millrace/core'
import { memoryBackend } from './memory-backend.ts'

/** For `connect`: `memory:` is a backend of its own, with a store of its own, in this process. */
export const memory: Adapter = {
  schemes: ['memory'],
  connect(url, options) {
    if (!/^memory:(\/\/)?$/i.test(url)) throw invalidArgument('url', 'must be memory: with nothing behind it')
    return memoryBackend(options)
  },
}
