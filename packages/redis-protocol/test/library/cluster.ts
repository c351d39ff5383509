import { runCase, suite, type OpenBackend, type OpenOptions } from '@millrace/conformance/suite'
import type { Backend } from '@millrace/core'
import type { Command, Reply, RespClient } from '@millrace/redis-protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startCluster, type Cluster } from '../../../../scripts/servers/cluster.mjs'
import { connectTo, connectWith, type Lane, type UserClient } from './lane.ts'

function listeners(node: object): number {
  const count: unknown = Reflect.get(node, 'listenerCount')
  return typeof count === 'function' ? Number(Reflect.apply(count, node, ['close'])) : 0
}

/** Their slots are 3300 and 15495: the first server's, and the second's. */
const LOW = '{b}'
const HIGH = '{a}'

/** The groups of the suite that break nothing and that each find another way to the servers. */
const GROUPS = [
  'enqueue', 'keys', 'claim', 'order', 'fence', 'recover', 'scheduling', 'cancel', 'statistics', 'list', 'cleanup', 'wake-ups',
  'the end of a watch', 'namespaces',
] // prettier-ignore

export function describeCluster(lane: Lane): void {
  describe(`a cluster on ${lane.name}`, () => {
    let servers: Cluster
    let nodes: readonly RespClient[]
    let user: UserClient
    let client: RespClient

    beforeAll(async () => {
      servers = await startCluster(lane.kind, { masters: 2 })
      nodes = servers.masters.map(({ port }) => connectTo(lane, port))
      user = new lane.Cluster([{ host: '127.0.0.1', port: servers.masters[0]?.port ?? 0 }], { lazyConnect: true })
      client = connectWith(lane, user)
    }, 40_000)
    afterAll(async () => {
      await client.close()
      await user.quit()
      for (const node of nodes) await node.close()
      await servers.stop()
    })

    async function everywhere(command: Command): Promise<readonly Reply[]> {
      return (await Promise.all(nodes.map((node) => node.call('', [command])))).flat()
    }

    /** Which server a key's owner is. */
    async function portOf(tag: string): Promise<number> {
      const [info] = await client.call(tag, [['info', 'server']])
      return Number(/tcp_port:(\d+)/.exec(String(info))?.[1])
    }

    it('answers each command where its key is, and one without a key there, too', async () => {
      for (const [at, tag] of [LOW, HIGH].entries()) {
        expect(await client.call(tag, [['set', `${tag}k`, tag]])).toEqual(['OK'])
        const several = await client.call(tag, [['get', `${tag}k`], ['eval', 'return KEYS[1]', 1, `${tag}k`], ['echo', 'x']]) // prettier-ignore
        expect(several).toEqual([tag, `${tag}k`, 'x'])
        expect(await nodes[at]?.call('', [['get', `${tag}k`]])).toEqual([tag])
        expect(await portOf(tag)).toBe(servers.masters[at]?.port)
      }
    })

    it('says what may be missing when the cluster does not get ready, and has then sent nothing', async () => {
      for (const node of nodes)
        await node.call('', [['acl', 'setuser', 'eve', 'on', '>x', '~*', '&*', '+@all', '-cluster|info']])
      const eve = new lane.Cluster([{ host: '127.0.0.1', port: servers.masters[0]?.port ?? 0 }], {
        lazyConnect: true,
        redisOptions: { username: 'eve', password: 'x' },
      })
      const lost = connectWith(lane, eve)
      const problem = { code: 'connection', indeterminate: false, message: expect.stringContaining('cluster|info') }
      await expect(lost.call(LOW, [['set', `${LOW}eve`, 'x']])).rejects.toMatchObject(problem)
      await expect(lost.block(LOW).wait([`${LOW}eve`], 1)).rejects.toMatchObject(problem)
      eve.disconnect()
      expect(await client.call(LOW, [['exists', `${LOW}eve`]])).toEqual([0])
    })

    it.each(suite.filter(({ name }) => GROUPS.includes(name)))(
      'is a server to a backend: it keeps the group $name',
      { timeout: 60_000 },
      async ({ cases }) => {
        for (const one of cases)
          await runCase(
            one,
            opener((options) => lane.backend({ ...options, client: user })),
          )
      },
    )

    it('had a part of these on each master', async () => {
      const [low, high] = await everywhere(['info', 'commandstats'])
      for (const told of [low, high])
        expect(Number(/cmdstat_evalsha:calls=(\d+)/.exec(String(told))?.[1])).toBeGreaterThan(1_000)
    })

    it('is not believed when it refuses the second of two tries, of which the first may have had an effect', async () => {
      const [key, node] = [`${LOW}list`, nodes[0]]
      const call = expect(client.call(LOW, [['blpop', key, 0]])).rejects.toThrow('WRONGTYPE')
      await vi.waitFor(async () => expect(await node?.call('', [['info', 'clients']])).toMatchObject([expect.stringContaining('blocked_clients:1\r')])) // prettier-ignore
      await node?.call('', [['set', key, 'a text'], ['client', 'kill', 'type', 'normal', 'skipme', 'yes']]) // prettier-ignore
      await call
      expect(String(await client.call(LOW, [['blpop', key, 0]]))).toContain('WRONGTYPE')
      await node?.call('', [['del', key]])
    })

    it('has its nodes listened to, and no longer than it is used', async () => {
      const own = new lane.Cluster([{ host: '127.0.0.1', port: servers.masters[0]?.port ?? 0 }])
      await vi.waitFor(() => expect(own.status).toBe('ready'))
      const heard = (): readonly number[] => [
        own.listenerCount('+node'),
        own.listenerCount('close'),
        ...('nodes' in own ? own.nodes('all') : []).map((one) => listeners(one)),
      ]
      const before = heard()
      const used = connectWith(lane, own)
      expect(heard()).not.toEqual(before)
      await used.close()
      expect(heard()).toEqual(before)
      await own.quit()
    })

    it.each([LOW, HIGH])('lets waits block and be interrupted where the key %s is', async (tag) => {
      const waiting = client.block(`${tag}any`)
      const wait = waiting.wait([`${tag}q`], 60_000)
      await vi.waitFor(async () =>
        expect((await everywhere(['info', 'clients'])).join()).toContain('blocked_clients:1\r'),
      )
      await client.call(tag, [['zadd', `${tag}q`, 1, 'm']])
      expect(await wait).toBe(`${tag}q`)
      const interrupted = waiting.wait([`${tag}q`], 60_000)
      waiting.interrupt()
      expect(await interrupted).toBeNull()
      waiting.close()
    })

    it('brings messages from either server', async () => {
      const heard: string[] = []
      const subscription = client.subscribe({
        onMessage: (channel, message) => void heard.push(`${channel} ${message}`),
        onResubscribed: () => void heard.push('again'),
      })
      await subscription.add(`${LOW}c`)
      await subscription.add(`${HIGH}c`)
      await client.call(LOW, [['publish', `${LOW}c`, 'x']])
      await client.call(HIGH, [['publish', `${HIGH}c`, 'y']])
      await vi.waitFor(() => expect(heard.toSorted()).toEqual([`${HIGH}c y`, `${LOW}c x`]))
      await everywhere(['client', 'kill', 'type', 'pubsub'])
      await vi.waitFor(() => expect(heard).toContain('again'), { timeout: 5_000 })
      subscription.close()
    })

    it('is followed when it moves a slot, by waits with the next one', async () => {
      const key = '{c}q'
      const [slot] = await client.call('', [['cluster', 'keyslot', key]])
      const [from, to] = (await portOf(key)) === servers.masters[0]?.port ? nodes : nodes.toReversed()
      const waiting = client.block(key)
      expect(await waiting.wait([key], 1)).toBeNull()
      const [id] = (await to?.call('', [['cluster', 'myid']])) ?? []
      for (const node of [to, from]) await node?.call('', [['cluster', 'setslot', Number(slot), 'node', String(id)]])

      expect(await client.call(key, [['zadd', key, 1, 'm']])).toEqual([1])
      await expect(waiting.wait([key], 60_000)).rejects.toThrow('MOVED')
      expect(await waiting.wait([key], 60_000)).toBe(key)
      expect(
        await client.call(key, [
          ['exists', key],
          ['exists', key],
        ]),
      ).toEqual([0, 0])
    })

    it('says so when no master has the slot', async () => {
      const [slot] = await client.call('', [['cluster', 'keyslot', '{d}']])
      for (const node of nodes) await node.call('', [['cluster', 'delslots', Number(slot)]])
      await expect(client.block('{d}').wait(['{d}'], 1_000)).rejects.toThrow('CLUSTERDOWN')
    })
  })
}

function opener(open: (options: OpenOptions) => Backend): OpenBackend {
  const unbroken = (): Promise<never> => Promise.reject(new Error('nothing is broken here'))
  const faults = { forgetIndex: unbroken, forgetRecord: unbroken, writeGarbage: unbroken }
  return async (options) => ({
    backend: open(options),
    second: open(options),
    break: { ...faults, dropConnections: unbroken, swallowNextReply: unbroken },
  })
}
