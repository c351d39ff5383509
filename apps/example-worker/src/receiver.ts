import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { codeOf, Refusal } from './refusal.ts'

/** Stands in for somebody else's web service that is down at first. */
export interface Receiver extends AsyncDisposable {
  readonly url: string
  /** Posts answered with 503. */
  readonly refused: number
  /** Posts taken, in order. */
  readonly bodies: readonly unknown[]
}

export interface ReceiverOptions {
  /** 0: any free one. */
  readonly port: number
  /** So many posts are answered with 503 before the first is taken. */
  readonly failures: number
}

const MAX_BODY_BYTES = 65_536

/** @throws Refusal if the port is taken. */
export async function startReceiver({ port, failures }: ReceiverOptions): Promise<Receiver> {
  const bodies: unknown[] = []
  let refused = 0
  const server = createServer((request, response) => void answer(request, response))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const status = refused < failures ? 503 : body === undefined ? 400 : 204
    if (status === 503) refused++
    if (status === 204) bodies.push(body)
    response.writeHead(status).end()
  }

  const { address, port: taken } = await listen(server, port)
  return {
    url: `http://${address}:${taken}/progress`,
    bodies,
    get refused() {
      return refused
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const LOWEST_PORT = 20_000
const PORTS = 12_000

/**
 * At the port that belongs to the folder, so that posts of an inventory that was interrupted find their receiver when it goes on; at any
 * other if it is taken. The ports are below those that systems give to outgoing connections.
 */
export async function startReceiverFor(folder: string, failures: number): Promise<Receiver> {
  const port = LOWEST_PORT + (createHash('sha256').update(folder).digest().readUInt32BE() % PORTS)
  return await startReceiver({ port, failures }).catch(() => startReceiver({ port: 0, failures }))
}

/** On this machine's own address only. @throws Refusal if the port cannot be had. */
export async function listen(server: Server, port: number): Promise<AddressInfo> {
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    const why = codeOf(error) === 'EADDRINUSE' ? 'is in use' : `cannot be used (${codeOf(error)})`
    throw new Refusal(`Port ${port} ${why}. Choose another one with --port.`, { cause: error })
  }
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address')
  return address
}

/** undefined: no JSON, too long, or broken off. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  try {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk) || (bytes += chunk.length) > MAX_BODY_BYTES) return undefined
      chunks.push(chunk)
    }
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    return undefined
  }
}
