import { describeBackend } from '@millrace/conformance'
import { memoryBackend, memoryStore } from '@millrace/memory'
import { breakOf } from '@millrace/memory/break'

const store = memoryStore()

describeBackend('memory', async (options) => {
  const backend = memoryBackend({ store, ...options })
  return { backend, second: memoryBackend({ store, ...options }), break: breakOf(backend) }
})
