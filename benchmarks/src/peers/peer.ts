/** What a record of the bench carries. `at`: when it was enqueued, in ns of the machine's monotonic clock; 0 if nobody asks. */
export interface Payload {
  readonly i: number
  readonly at: number
  readonly s: string
}

/** One queue of one server. */
export interface Place {
  readonly kind: 'redis' | 'valkey'
  readonly url: string
  readonly queue: string
}

/** What the server holds, by the peer's own account. null: it keeps no such thing. */
export interface Counts {
  readonly pending: number
  readonly held: number | null
  readonly completed: number | null
}

/** A task queue as the bench sees it. Each peer is one file; nothing else knows which it is. */
export interface Peer {
  produce(place: Place): Promise<Producer>
  /** Resolves when the consumer is connected; it may have begun by then. */
  consume(place: Place, options: ConsumerOptions): Promise<Consumer>
}

export interface Producer {
  /** One record; resolves when the server has it. */
  add(payload: Payload): Promise<unknown>
  /** By the peer's own call for many. */
  addMany(payloads: readonly Payload[]): Promise<unknown>
  /** The same, due later. null: the peer knows no such thing. */
  readonly addLater: ((payloads: readonly Payload[], delayMs: number) => Promise<unknown>) | null
  counts(): Promise<Counts>
  close(): Promise<void>
}

export interface ConsumerOptions {
  readonly concurrency: number
  readonly handle: (payload: Payload) => Promise<void>
}

export interface Consumer {
  /** Resolves when what was handled is also settled on the server. */
  stop(): Promise<void>
}
