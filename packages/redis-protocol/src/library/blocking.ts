import { setTimeout as pause } from 'node:timers/promises'
import type { BlockingConnection, Carried, Command, Reply } from '../resp-client.ts'
import type { LibraryClient, LibraryConnection } from './library.ts'
import { beside, ownerOf, soon, type Scope } from './nodes.ts'
import { ask, send } from './send.ts'

/** One command waits no longer, so that a server which went away without a word is noticed; but longer than workers do between two looks. */
const LONGEST_MS = 8_000
/** The same where the server does not let us interrupt it, so that an interrupt is heard all the same. */
const LONGEST_DEAF_MS = 1_000

const LOST: ReadonlySet<string> = new Set(['close', 'end'])

interface Session {
  /** The connection beside ours. */
  readonly node: LibraryConnection
  readonly own: LibraryConnection
  /** What CLIENT UNBLOCK knows ours by; null where the server does not let us use it. */
  readonly id: number | null
}

/**
 * A wait is interrupted by CLIENT UNBLOCK, sent on the connection beside its own: the server either ends the wait or has given it a
 * member, and never takes a member that nobody gets.
 */
export class Blocking implements BlockingConnection {
  readonly #client: LibraryClient
  readonly #key: string
  readonly #scope: Scope
  #session: Promise<Session> | null = null
  #unblocking: Promise<void> | null = null
  #isBlocked = false
  #isInterrupted = false

  constructor(client: LibraryClient, key: string, scope: Scope) {
    this.#client = client
    this.#key = key
    this.#scope = scope
  }

  async isInterruptible(): Promise<boolean> {
    return await this.#connected(async ({ id }) => id !== null)
  }

  async wait(keys: readonly string[], timeoutMs: number): Promise<string | null> {
    return await this.#waiting(async (own, longestMs) => {
      for (let leftMs = timeoutMs; leftMs > 0 && !this.#isInterrupted; leftMs -= longestMs) {
        this.#isBlocked = true
        const taken = takenBy(await ask(own, waitFor(keys, Math.min(leftMs, longestMs))))
        if (taken !== null) return taken
      }
      return null
    })
  }

  async waitThen(keys: readonly string[], timeoutMs: number, commands: readonly Command[]): Promise<Carried> {
    return await this.#waiting(async (own, longestMs) => {
      // What has been sent is ended by the server; what has not, here.
      if (this.#isInterrupted) return { taken: null, replies: await send(own, commands) }
      this.#isBlocked = true
      const [first = null, ...replies] = await send(own, [waitFor(keys, Math.min(timeoutMs, longestMs)), ...commands])
      if (!(first instanceof Error)) return { taken: takenBy(first), replies }
      // Another server may have the key by now.
      this.#hangUp()
      return { taken: first, replies }
    })
  }

  interrupt(): void {
    this.#isInterrupted = true
    const interrupted = this.#session
    this.#unblocking ??= this.#unblock(interrupted).catch(() => {
      // Without its connection the wait ends as well.
      if (this.#session === interrupted) this.#hangUp()
    })
  }

  close(): void {
    this.#scope.close()
  }

  async #waiting<T>(wait: (own: LibraryConnection, longestMs: number) => Promise<T>): Promise<T> {
    this.#isInterrupted = false
    try {
      return await this.#connected(({ own, id }) => wait(own, id === null ? LONGEST_DEAF_MS : LONGEST_MS))
    } finally {
      this.#isBlocked = false
    }
  }

  async #connected<T>(act: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await act(await soon(this.#ready(), this.#scope.signal))
    } catch (error) {
      this.#hangUp()
      throw error
    }
  }

  async #ready(): Promise<Session> {
    // An interrupt that comes late would end this wait.
    await this.#unblocking
    this.#unblocking = null
    const known = this.#session
    const status = (await known)?.own.status ?? ''
    // It was lost while nobody waited: nothing was on its way.
    if (LOST.has(status) && this.#session === known) this.#session = null
    return await (this.#session ??= this.#open())
  }

  async #open(): Promise<Session> {
    const node = await ownerOf(this.#client, this.#key)
    const own = beside(node, this.#scope.signal)
    return { node, own, id: await unblockable(own) }
  }

  async #unblock(interrupted: Promise<Session> | null): Promise<void> {
    const { node, id = null } = (await interrupted) ?? {}
    if (node === undefined || id === null) return
    while (this.#isBlocked && this.#session === interrupted) {
      if (Number(await ask(node, ['client', 'unblock', id])) !== 0) return
      // Our command is still on its way to the server, or its reply on the way to us.
      await pause(2)
    }
  }

  #hangUp(): void {
    this.#session?.then(({ own }) => own.disconnect()).catch(() => {})
    this.#session = null
    this.#unblocking = null
  }
}

function waitFor(keys: readonly string[], ms: number): Command {
  return ['bzpopmin', ...keys, Math.ceil(ms) / 1_000]
}

function takenBy(reply: Exclude<Reply, Error>): string | null {
  return typeof reply === 'object' && reply !== null ? String(reply[0]) : null
}

async function unblockable(own: LibraryConnection): Promise<number | null> {
  try {
    const id = Number(await ask(own, ['client', 'id']))
    await ask(own, ['client', 'unblock', id])
    return id
  } catch (error) {
    if (error instanceof Error && /^(NOPERM|ERR) /.test(error.message)) return null
    own.disconnect()
    throw error
  }
}
