import type { Command, Reply, RespClient } from '@millrace/redis-protocol'

export interface Traffic {
  /** Times that somebody waited for the server. */
  roundTrips: number
  /** Commands sent in them. */
  sent: number
  /** Characters of the replies. */
  received: number
}

/** The same client, with everything that its calls cost counted. */
export function countingClient(client: RespClient): RespClient & { readonly traffic: Traffic } {
  const traffic: Traffic = { roundTrips: 0, sent: 0, received: 0 }
  return {
    traffic,
    async call(key: string, commands: readonly Command[]) {
      const replies = await client.call(key, commands)
      traffic.roundTrips++
      traffic.sent += commands.length
      for (const reply of replies) traffic.received += sizeOf(reply)
      return replies
    },
    block: (key) => client.block(key),
    subscribe: (listener) => client.subscribe(listener),
    close: () => client.close(),
  }
}

function sizeOf(reply: Reply): number {
  if (reply === null || reply instanceof Error) return 0
  if (typeof reply !== 'object') return String(reply).length
  let size = 0
  for (const one of reply) size += sizeOf(one)
  return size
}
