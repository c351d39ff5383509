export { redisProtocolBackend } from './engine.ts'
export { ENGINE_OPTIONS, checkEngineOptions } from './options.ts'
export type { EngineOptions, EngineReport } from './options.ts'
export type {
  BlockingConnection,
  Command,
  Reply,
  RespClient,
  Subscription,
  SubscriptionListener,
} from './resp-client.ts'
export { backoffMs } from './library/backoff.ts'
export { respClientOn } from './library/client.ts'
export type { LibraryClient } from './library/library.ts'
