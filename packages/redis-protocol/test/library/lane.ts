import type { ConnectionOptions } from 'node:tls'
import type { Backend } from '@millrace/core'
import { respClientOn, type Reply, type RespClient } from '@millrace/redis-protocol'
import type { LibraryClient } from '@millrace/redis-protocol'
import type { Kind } from '../../../../scripts/servers/kinds.mjs'

/** One library and one kind of server, on which every case of this folder runs. */
export interface Lane {
  readonly name: string
  readonly kind: Kind
  /** Of the URLs that its adapter takes, without and with TLS. */
  readonly schemes: readonly [plain: string, tls: string]
  /** What its adapter makes of its options. */
  clientOf(options: {
    readonly url?: string
    readonly tls?: ConnectionOptions
    readonly client?: LibraryClient
  }): LibraryClient
  /** What its package exports. */
  backend(options: object): Backend
  /** Its `Redis` and its `Cluster`, as a user would make them. */
  readonly Redis: new (port: number, options?: object) => UserClient
  readonly Cluster: new (nodes: { host: string; port: number }[], options?: object) => UserClient
}

/** A client that a user made and has to end. */
export type UserClient = LibraryClient & {
  listenerCount(event: string): number
}

/** The seam on a connection of the adapter's own. */
export function connectTo(lane: Lane, port: number, login = ''): RespClient {
  return respClientOn(lane.clientOf({ url: `${lane.schemes[0]}://${login}127.0.0.1:${port}` }), 'ours')
}

/** The seam on a client that a user made. */
export function connectWith(lane: Lane, client: UserClient): RespClient {
  return respClientOn(lane.clientOf({ client }), 'given')
}

/** The reply to one command. */
export async function reply(
  client: RespClient,
  ...[name, ...args]: [name: string, ...args: (string | number)[]]
): Promise<Reply> {
  const [only = null] = await client.call('{t}', [[name, ...args]])
  return only
}
