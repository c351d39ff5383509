import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { checkOptions, invalidArgument } from '@millrace/core'
import { backoffMs, ENGINE_OPTIONS, type EngineOptions, type LibraryClient } from '@millrace/redis-protocol'
import { Redis } from 'ioredis'

/** Where the server is, as `url` or `client`, and what the engine takes. */
export interface RedisOptions extends EngineOptions {
  /** `redis://[[user]:password@]host[:port][/database]`, or `rediss:` for TLS. */
  readonly url?: string
  /** Certificates and the like, for a `rediss:` URL. */
  readonly tls?: ConnectionOptions
  /** A `Redis` or `Cluster` of ioredis. Nothing about it is changed, and it stays open. */
  readonly client?: LibraryClient
}

/** The client given, or one of ours. @throws QueueError `invalid_argument`; it never shows the URL, which may hold a password. */
export function clientOf(options: RedisOptions): LibraryClient {
  checkOptions('redis', options, ['url', 'tls', 'client', ...ENGINE_OPTIONS])
  const { url, tls, client } = options
  if ((url === undefined) === (client === undefined)) throw invalidArgument('redis', 'must have either url or client')
  if (client === undefined) return connect(url, tls)
  if (tls !== undefined) throw invalidArgument('redis.tls', 'goes with url: a client has its own')
  checkClient(client)
  return client
}

/** By its features: `instanceof` knows nothing of a client that comes from another version of ioredis. */
function checkClient(client: LibraryClient): void {
  const { isCluster, call, options } = client ?? {}
  if (typeof isCluster !== 'boolean' || typeof call !== 'function' || typeof options !== 'object')
    throw invalidArgument('redis.client', 'must be a Redis or Cluster of ioredis')
  const { keyPrefix, scaleReads = 'master', replyMapping = 'legacy' } = { ...options.redisOptions, ...options }
  if (keyPrefix) throw invalidArgument('redis.client', 'must have no keyPrefix: namespace is there for that')
  if (scaleReads !== 'master')
    throw invalidArgument('redis.client', "must have scaleReads 'master': replicas lag behind")
  if (replyMapping !== 'legacy') throw invalidArgument('redis.client', "must have replyMapping 'legacy'")
}

/** It connects at its first command, and again whenever it is lost. What it cannot send is refused after two more tries. */
function connect(url: string | undefined, tls: ConnectionOptions | undefined): Redis {
  const { isTls, ...server } = parse(url)
  if (tls !== undefined && !isTls) throw invalidArgument('redis.tls', 'needs a url that begins with rediss:')
  const name = isIP(server.host) === 0 ? { servername: server.host } : {}
  return new Redis({
    ...server,
    ...(isTls ? { tls: { ...name, ...tls } } : {}),
    lazyConnect: true,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    maxRetriesPerRequest: 1,
    maxLoadingRetryTime: 1_000,
    retryStrategy: backoffMs,
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })
}

function parse(url: string | undefined) {
  try {
    const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(url ?? '')
    const isTls = protocol === 'rediss:'
    if ((isTls || protocol === 'redis:') && hostname !== '' && /^(\/\d*)?$/.test(pathname) && search + hash === '') {
      return {
        isTls,
        host: hostname.replace(/^\[|\]$/g, ''),
        port: Number(port || 6379),
        username: decodeURIComponent(username),
        password: decodeURIComponent(password),
        db: Number(pathname.slice(1)),
        family: 0,
      }
    }
  } catch {
    // What is wrong with it is said below: these errors quote it.
  }
  throw invalidArgument('url', 'must be redis://[[user]:password@]host[:port][/database], or the same with rediss:')
}
