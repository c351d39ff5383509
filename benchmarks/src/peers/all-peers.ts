import type { Peer } from './peer.ts'

/** The one that all others are compared with. */
export const BASE = 'bullmq'

/** Loaded only by the process that is this peer: no peer's code runs beside another's. */
const PEERS = {
  bullmq: async () => (await import('./bullmq.ts')).peer,
  'bee-queue': async () => (await import('./bee-queue.ts')).peer,
  'raw-list': async () => (await import('./raw-list.ts')).peer,
  millrace: async () => (await import('./millrace.ts')).strict,
  'millrace-prefetch': async () => (await import('./millrace.ts')).byDefault,
} as const satisfies Record<string, () => Promise<Peer>>

export type PeerName = keyof typeof PEERS

export const PEER_NAMES: readonly PeerName[] = [BASE, 'millrace', 'millrace-prefetch', 'bee-queue', 'raw-list']

export function isPeerName(name: string): name is PeerName {
  return Object.hasOwn(PEERS, name)
}

export async function loadPeer(name: PeerName): Promise<Peer> {
  return await PEERS[name]()
}
