import { memoryBackend, memoryStore, type MemoryStore } from '@millrace/memory'
import { describeToldToStop } from './told-to-stop.ts'

const stores = new Map<string, MemoryStore>()

describeToldToStop('memory', (namespace) => {
  const store = stores.get(namespace) ?? memoryStore()
  stores.set(namespace, store)
  return memoryBackend({ store, namespace })
})
