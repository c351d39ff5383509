import { systemClock } from '@millrace/core'
import type { Caller } from './caller.ts'
import { chunks } from './chunks.ts'
import type { BlockingConnection, RespClient, Subscription } from './resp-client.ts'
import { awaitScript as register, hint } from './scripts.generated.ts'
import { channelError } from './server-error.ts'
import { idsIn, longId, shortId } from './short-id.ts'

const LONGEST_FAREWELL_MS = 1_000

/** Who hears what a backend's connections bring. */
export interface Hearer {
  readonly ids: ReadonlySet<string>
  readonly workerId: string | null
  /** A record ended or is gone. */
  tellDone(id: string): void
  /** Something that the worker holds was cancelled. */
  tellControl(): void
  /** The connection was lost, and with it nobody knows what. */
  tellAll(): void
  /** Ends the hearer. */
  close(): Promise<void>
}

/** All watches of one backend share one connection for messages. Each has one of its own to wait for work. */
export class Listener {
  readonly #client: RespClient
  readonly #caller: Caller
  readonly #producer = crypto.randomUUID().slice(0, 8)
  readonly #hearers = new Set<Hearer>()
  readonly #byId = new Map<string, Set<Hearer>>()
  readonly #byChannel = new Map<string, Set<Hearer>>()
  #subscription: Subscription | null = null

  constructor(client: RespClient, caller: Caller) {
    this.#client = client
    this.#caller = caller
  }

  /** From when the promise resolves a watch hears of its records and its worker. Records that have ended already are told at once. */
  async add(hearer: Hearer): Promise<void> {
    this.#hearers.add(hearer)
    for (const id of hearer.ids) enter(this.#byId, id, hearer)
    for (const channel of this.#channelsOf(hearer)) {
      enter(this.#byChannel, channel, hearer)
      await this.#subscribed().add(channel).catch(refuse)
      // It was closed meanwhile, and nobody would take back what comes now.
      if (!this.#hearers.has(hearer)) return
    }
    for (const piece of chunks([...hearer.ids])) {
      const { main } = await this.#caller.run(register, {
        args: { producer: this.#producer, isWaiting: 1 },
        items: piece.map(shortId),
      })
      if (!this.#hearers.has(hearer)) return
      for (const id of idsIn(main)) hearer.tellDone(id)
    }
  }

  /** Takes back what nobody else of this backend waits for. */
  async remove(hearer: Hearer): Promise<void> {
    if (!this.#hearers.delete(hearer)) return
    const left = [...hearer.ids].filter((id) => leave(this.#byId, id, hearer))
    for (const channel of this.#channelsOf(hearer)) {
      // One that the server does not take back is heard in vain, and no more.
      if (leave(this.#byChannel, channel, hearer)) await this.#subscription?.remove(channel).catch(() => {})
    }
    for (const piece of chunks(left)) {
      // Another watch may wait for some of them by now.
      const items = piece.filter((id) => !this.#byId.has(id)).map(shortId)
      await this.#caller.run(register, { args: { producer: this.#producer, isWaiting: 0 }, items })
    }
  }

  /** A connection to wait for work of these lines. */
  blocking(): BlockingConnection {
    return this.#client.block(this.#caller.keys.shared.queues)
  }

  wakeKey(line: string): string {
    return this.#caller.keys.wake(line)
  }

  /** Gives a line's marker back, for another waiter. */
  async passOn(line: string): Promise<void> {
    await this.#caller.run(hint, { args: {}, lines: [line] })
  }

  /** What the server has to be told is not waited for long: it may be silent. */
  async close(): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const disarm = systemClock.after(LONGEST_FAREWELL_MS, resolve)
    await Promise.race([Promise.all([...this.#hearers].map((hearer) => hearer.close())), over])
    disarm()
    this.#subscription?.close()
    this.#subscription = null
  }

  /** Every watch has the channel of its producer: that is how it learns of a lost connection. */
  #channelsOf({ workerId }: Hearer): readonly string[] {
    const { keys } = this.#caller
    const done = keys.doneChannel(this.#producer)
    return workerId === null ? [done] : [done, keys.controlChannel(workerId)]
  }

  #subscribed(): Subscription {
    this.#subscription ??= this.#client.subscribe({
      onMessage: (channel, message) => this.#hear(channel, message),
      onResubscribed: () => {
        for (const hearer of this.#hearers) hearer.tellAll()
      },
    })
    return this.#subscription
  }

  #hear(channel: string, message: string): void {
    if (channel === this.#caller.keys.doneChannel(this.#producer)) {
      for (const short of message.split(' ')) this.#done(longId(short) ?? short)
    } else {
      for (const hearer of this.#byChannel.get(channel) ?? []) hearer.tellControl()
    }
  }

  #done(id: string): void {
    for (const hearer of this.#byId.get(id) ?? []) hearer.tellDone(id)
  }
}

function enter(hearers: Map<string, Set<Hearer>>, name: string, hearer: Hearer): void {
  const some = hearers.get(name) ?? new Set()
  hearers.set(name, some.add(hearer))
}

function refuse(reason: unknown): never {
  throw channelError(reason)
}

/** Whether nobody is left. */
function leave(hearers: Map<string, Set<Hearer>>, name: string, hearer: Hearer): boolean {
  const some = hearers.get(name)
  some?.delete(hearer)
  if (some?.size !== 0) return false
  hearers.delete(name)
  return true
}
