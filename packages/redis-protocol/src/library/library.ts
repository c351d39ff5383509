/**
 * What ioredis (5 and 6) and iovalkey have in common, as far as anything here uses them: each `Redis` and each `Cluster` of theirs
 * is one of these, so that one piece of code serves both and a client may come from any version.
 */
export type LibraryClient = LibraryConnection | LibraryCluster

/** Their `Redis`: a connection to one server. */
export interface LibraryConnection extends Commands {
  /** While it is connected. */
  readonly stream?: { readonly bytesRead: number; destroy(error: Error): unknown } | undefined
  /** A second connection to the same server, with the options given in place of its own. */
  duplicate(options: object): LibraryConnection
}

/** Their `Cluster`: connections to its nodes. */
interface LibraryCluster extends Commands {
  nodes(role: 'master' | 'all'): LibraryConnection[]
}

interface Commands {
  readonly isCluster: boolean
  readonly status: string
  readonly options: LibrarySettings & { readonly redisOptions?: LibrarySettings | undefined }
  call(command: string, args: (string | number)[]): Promise<unknown>
  pipeline(commands: unknown[][]): { exec(): Promise<[error: Error | null, reply: unknown][] | null> }
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'ready' | 'close' | 'end', listener: () => void): unknown
  /** Of a cluster only. */
  on(event: '+node', listener: (node: LibraryConnection) => void): unknown
  off(event: 'close', listener: () => void): unknown
  off(event: '+node', listener: (node: LibraryConnection) => void): unknown
  quit(): Promise<unknown>
  disconnect(reconnect?: boolean): void
}

/** Those of their options that matter here. */
interface LibrarySettings {
  readonly keyPrefix?: unknown
  readonly replyMapping?: unknown
  readonly scaleReads?: unknown
}
