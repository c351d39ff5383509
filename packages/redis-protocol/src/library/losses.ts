import type { LibraryClient, LibraryConnection } from './library.ts'

/** How often the connections of a client were lost. */
export interface Losses {
  losses: number
}

interface Counted extends Losses {
  users: number
  /** The listeners go, and with them the last trace of us. */
  readonly stop: () => void
}

const counted = new WeakMap<object, Counted>()

/** Of a client that is not ours, or of a node of it; undefined where nobody counts. */
export function lossesOf(client: object): Losses | undefined {
  return counted.get(client)
}

/** Counts the losses of a client that stays its owner's, with one listener per connection for all who ask. Answers what ends it. */
export function countLosses(client: LibraryClient): () => void {
  const count = counted.get(client) ?? startCounting(client)
  count.users += 1
  let isOver = false
  return () => {
    if (isOver) return
    isOver = true
    count.users -= 1
    if (count.users === 0) count.stop()
  }
}

function startCounting(client: LibraryClient): Counted {
  const connections = new Set<LibraryClient>()
  const lose = (): void => void (count.losses += 1)
  const join = (connection: LibraryClient): void => {
    if (connections.has(connection)) return
    connections.add(connection)
    connection.on('close', lose)
    counted.set(connection, count)
  }
  const joinNode = (node: LibraryConnection): void => join(node)
  const count: Counted = {
    losses: 0,
    users: 0,
    stop() {
      if ('nodes' in client) client.off('+node', joinNode)
      for (const connection of connections) {
        connection.off('close', lose)
        counted.delete(connection)
      }
    },
  }
  join(client)
  if ('nodes' in client) {
    // A cluster tells nobody that the connection to one of its nodes was lost, and asks again.
    for (const node of client.nodes('all')) join(node)
    client.on('+node', joinNode)
  }
  return count
}
