import { setTimeout as sleep } from 'node:timers/promises'
import { command } from './connection.mjs'
import { freePort } from './free-port.mjs'
import { startServer } from './start-server.mjs'

/**
 * @typedef {import('./start-server.mjs').Server} Server
 * @typedef {{ masters: Server[], replicas: Server[], urls: string[], stop: () => Promise<void> }} Cluster
 */

const SLOTS = 16_384
const PATIENCE_MS = 30_000
const SETTINGS = /** @type {const} */ ({ 'cluster-enabled': 'yes', 'cluster-node-timeout': 2000 })

/**
 * A cluster of masters that share the slots evenly, in order, each with so many replicas; resolves when every node finds it complete.
 * @param {import('./kinds.mjs').Kind} kind
 * @param {{ masters?: number, replicas?: number, settings?: import('./start-server.mjs').ServerOptions['settings'] }} [options]
 * @returns {Promise<Cluster>}
 */
export async function startCluster(kind, { masters: count = 3, replicas: each = 0, settings } = {}) {
  /** @type {Server[]} */
  const nodes = []
  /** @type {Map<Server, number>} */
  const buses = new Map()
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())))
  try {
    for (let made = 0; made < count * (1 + each); made++) {
      const bus = await freePort()
      const node = await startServer(kind, { settings: { ...SETTINGS, 'cluster-port': bus, ...settings } })
      nodes.push(node)
      buses.set(node, bus)
      if (node.version === '')
        throw new Error('a cluster needs the program on PATH: in Docker the nodes can not reach each other')
    }
    const masters = nodes.slice(0, count)
    const replicas = nodes.slice(count)
    for (const [index, { url }] of masters.entries()) {
      const from = Math.ceil((index * SLOTS) / count)
      const to = Math.ceil(((index + 1) * SLOTS) / count) - 1
      await command(url, 'CLUSTER', 'ADDSLOTSRANGE', from, to)
    }
    await meet(nodes, buses)
    for (const [index, { url }] of replicas.entries()) {
      const master = await command(masters[index % count]?.url ?? '', 'CLUSTER', 'MYID')
      await command(url, 'CLUSTER', 'REPLICATE', String(master))
      await until(async () => /master_link_status:up/.test(String(await command(url, 'INFO', 'replication'))))
    }
    return { masters, replicas, urls: nodes.map(({ url }) => url), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** @param {Server[]} nodes @param {Map<Server, number>} buses */
async function meet(nodes, buses) {
  for (const [index, node] of nodes.entries()) {
    await command(node.url, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
    for (const { url } of nodes.slice(0, index)) {
      await command(url, 'CLUSTER', 'MEET', '127.0.0.1', node.port, buses.get(node) ?? 0)
    }
  }
  for (const { url } of nodes) {
    await until(async () => {
      const about = String(await command(url, 'CLUSTER', 'INFO'))
      return about.includes('cluster_state:ok') && about.includes(`cluster_known_nodes:${nodes.length}\r`)
    })
  }
}

/** @param {() => Promise<boolean>} isSo */
async function until(isSo) {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`the cluster was not ready within ${PATIENCE_MS / 1000} s`)
    await sleep(20)
  }
}
