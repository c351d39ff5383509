import type { Backend } from '@millrace/core'
import type { EngineOptions } from '@millrace/redis-protocol'
import type { Kind } from '../../../../scripts/servers/kinds.mjs'

/** One adapter, with its library and its kind of server. */
export interface FaultLane {
  readonly kind: Kind
  /** A backend on the server at a URL that begins with `redis:`. */
  open(url: string, options?: EngineOptions): Backend
}
