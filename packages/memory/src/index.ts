export { memory } from './adapter.ts'
export { memoryBackend } from './memory-backend.ts'
export type { MemoryOptions } from './options.ts'
export { memoryStore, type MemoryStore } from './store.ts'
