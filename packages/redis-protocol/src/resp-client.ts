/** One command: its name in lower case (some clients find keys only then), then its arguments. */
export type Command = readonly [name: string, ...args: readonly (string | number)[]]

/** What a server answers. An error reply is a value here: one failed command of several must not hide the others' replies. */
export type Reply = string | number | null | Error | readonly Reply[]

/**
 * All that the engine asks of a client of the Redis protocol. An adapter implements it on its library; nothing else of a library is
 * ever used. A promise rejects only where a reply did not come: no connection, or a lost one.
 */
export interface RespClient {
  /** Sends the commands in order on one connection to the master that owns `key`; their replies in the same order. */
  call(key: string, commands: readonly Command[]): Promise<readonly Reply[]>

  /** A connection of its own to the master that owns `key`, for a command that blocks. It is made at the first wait. */
  block(key: string): BlockingConnection

  /** A connection of its own for messages. It is made at the first channel. */
  subscribe(listener: SubscriptionListener): Subscription

  /** Ends every connection that this object made, also those that wait; a client that was handed in stays open. Idempotent. */
  close(): Promise<void>
}

export interface BlockingConnection {
  /** Connects. Whether an interrupt ends a wait at once; otherwise it does within a second. */
  isInterruptible(): Promise<boolean>
  /**
   * BZPOPMIN: the first of `keys` that has a member, which is taken; null after `timeoutMs`, or when interrupted before a member was
   * taken. One wait at a time. Rejects if the connection is lost, and then nobody knows whether a member was taken; the next wait
   * connects again.
   */
  wait(keys: readonly string[], timeoutMs: number): Promise<string | null>
  /**
   * The same with commands right behind it on the same connection, which the server runs once the wait has ended, however it did: their
   * replies come with its own. It may end before `timeoutMs`. If it rejects, nobody knows whether the commands were run.
   */
  waitThen(keys: readonly string[], timeoutMs: number, commands: readonly Command[]): Promise<Carried>
  /** Ends the wait under way as soon as possible. What the server had already handed out is still the wait's answer: nothing is lost. */
  interrupt(): void
  /** Ends the connection. Idempotent. */
  close(): void
}

/** What a wait that carried commands has brought. */
export interface Carried {
  /** The key whose member was taken, or null; an error where the server refused to wait, though not to run the commands. */
  readonly taken: string | null | Error
  /** Of the commands; error replies are values. */
  readonly replies: readonly Reply[]
}

export interface SubscriptionListener {
  readonly onMessage: (channel: string, message: string) => void
  /** The connection was lost and is there again, with all its channels: messages may have been missed meanwhile. */
  readonly onResubscribed: () => void
}

export interface Subscription {
  /** Resolves when the server has confirmed it: from then on no message is missed. Rejects if it cannot be had. */
  add(channel: string): Promise<void>
  /** A lost connection has no channels any more. Rejects if the server does not permit it. */
  remove(channel: string): Promise<void>
  /** Ends the connection. Idempotent. */
  close(): void
}
