import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { replySchema, type Order } from './orders.ts'
import type { PeerName } from './peers/all-peers.ts'

/** A process of a peer, as the bench sees it. */
export interface Agent {
  /** @throws Error with what went wrong in that process. */
  ask<Value>(order: Order, answer: z.ZodType<Value>): Promise<Value>
  end(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('agent.ts', import.meta.url))

export async function startAgent(peer: PeerName): Promise<Agent> {
  const child = fork(PROGRAM, [peer], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] })
  let last: Promise<unknown> = replyOf(child)
  await last
  const send = async (order: Order): Promise<unknown> => {
    const reply = replyOf(child)
    child.send(order)
    return await reply
  }
  return {
    async ask(order, answer) {
      const reply = last.then(
        () => send(order),
        () => send(order),
      )
      last = reply
      return answer.parse(await reply)
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

async function replyOf(child: ChildProcess): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const onExit = (code: number | null): void => reject(new Error(`the process ended with ${code ?? 'a signal'}`))
  child.once('message', resolve)
  child.once('exit', onExit)
  try {
    const reply = replySchema.parse(await promise)
    if ('error' in reply) throw new Error(reply.error)
    return reply.value
  } finally {
    child.off('message', resolve)
    child.off('exit', onExit)
  }
}
