import { inspect } from 'node:util'
import { createClient, QueueError, task } from '@millrace/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProxy } from '../../../../scripts/servers/proxy.mjs'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import type { Lane } from './lane.ts'

const greet = task('greet', { run: () => 'hello' })

/** That an adapter's backend is its client and the engine; what the engine promises is shown elsewhere. */
export function describeBackendOf(lane: Lane): void {
  describe(`a backend on ${lane.name}`, () => {
    let server: Server
    let url: string

    beforeAll(async () => {
      server = await startServer(lane.kind, { password: 'p@ss' })
      url = `${lane.schemes[0]}://:p%40ss@127.0.0.1:${server.port}/1`
    })
    afterAll(() => server.stop())

    it('keeps what it is given, for others on the same server', async () => {
      const [one, other] = [lane.backend({ url }), lane.backend({ url })]
      await one.open()
      expect(await one.statistics()).toMatchObject({ counts: { pending: 0 } })
      await createClient({ backend: one }).enqueue(greet, {})
      expect(await other.statistics()).toMatchObject({ counts: { pending: 1 } })
      await other.destroy()
      for (const backend of [one, other]) await backend.close()
      await expect(one.statistics()).rejects.toMatchObject({ code: 'closed' })
    })

    it('leaves a client that it was given open, and takes it up again', async () => {
      const user = new lane.Redis(server.port, { password: 'p@ss', db: 1 })
      for (const round of [1, 2]) {
        const backend = lane.backend({ client: user, namespace: 'given' })
        await createClient({ backend }).enqueue(greet, {})
        const watch = await backend.watch({ lines: [{ queue: 'default', executionBackend: 'local' }] })
        expect(await watch.next()).toEqual({ kind: 'work' })
        await watch.close()
        expect(await backend.statistics()).toMatchObject({ counts: { pending: round } })
        await backend.close()
        expect(await user.call('ping', [])).toBe('PONG')
      }
      await user.quit()
    })

    it('keeps nothing of watches that end while they are armed', async () => {
      const backend = lane.backend({ url, namespace: 'brief' })
      const { id } = await createClient({ backend }).enqueue(greet, {})
      const own = new lane.Redis(server.port, { password: 'p@ss', db: 1 })
      // Each a little later on its way than the one before.
      const watches = Array.from({ length: 60 }, async (_, turns) => {
        const end = new AbortController()
        const watch = backend.watch({ ids: [id], workerId: `worker-${turns}`, signal: end.signal })
        for (let i = 0; i < turns; i++) await Promise.resolve()
        end.abort()
        return await watch
      })
      for (const watch of await Promise.all(watches)) await watch.close()
      await expect.poll(() => own.call('pubsub', ['channels'])).toEqual([])
      expect(await own.call('hlen', ['{brief:0}:awaited'])).toBe(0)
      await backend.close()
      await own.quit()
    })

    it('shows its password nowhere', async () => {
      const backend = lane.backend({ url })
      await backend.open()
      expect(inspect(backend, { depth: 10, showHidden: true })).not.toMatch(/p@ss|p%40ss/)
      await backend.close()

      const wrong = lane.backend({ url: url.replace('p%40ss', 'n%40pe') })
      const error = await wrong.open().catch((error: unknown) => error)
      expect(error).toBeInstanceOf(QueueError)
      expect(error).toMatchObject({ code: 'auth' })
      expect(inspect([wrong, error], { depth: 10, showHidden: true })).not.toMatch(/n@pe|n%40pe/)
      await wrong.close()
    })

    it('is closed within a few seconds though the server has fallen silent', async () => {
      const proxy = await startProxy(`redis://:p%40ss@127.0.0.1:${server.port}`)
      const backend = lane.backend({ url: `${lane.schemes[0]}://:p%40ss@127.0.0.1:${proxy.port}` })
      const watch = await backend.watch({
        lines: [{ queue: 'default', executionBackend: 'local' }],
        workerId: 'worker-1',
      })
      const hint = watch.next()
      await expect.poll(() => proxy.connections()).toBe(3)
      proxy.pause()
      const since = performance.now()
      await backend.close()
      expect(performance.now() - since).toBeLessThan(6_000)
      await proxy.close()
      expect(await hint).toBeNull()
    })

    it('takes no connection that waits where it gives no hints of work, but one for messages', async () => {
      const user = new lane.Redis(server.port, { password: 'p@ss', db: 1 })
      const backend = lane.backend({ url, namespace: 'polled', wakeups: false })
      const watch = await backend.watch({ lines: [{ queue: 'default', executionBackend: 'local' }], workerId: 'w' })
      const hint = watch.next()
      expect(String(await user.call('info', ['clients']))).toMatch(/blocked_clients:0\r/)
      expect(await user.call('pubsub', ['numsub', '{polled:0}:ctl:w'])).toEqual(['{polled:0}:ctl:w', 1])
      await backend.close()
      expect(await hint).toBeNull()
      await user.quit()
    })

    it.each([
      ['when the client that it was given gives up', 0, 'connection'],
      ['after its time, where that client never gives up', null, 'timeout'],
    ])('says that the server is away %s', async (_, maxRetriesPerRequest, code) => {
      const user = new lane.Redis(1, { lazyConnect: true, maxRetriesPerRequest })
      user.on('error', () => {})
      const backend = lane.backend({ client: user, timeoutMs: 300 })
      await expect(backend.statistics()).rejects.toMatchObject({ code, retryable: true })
      await backend.close()
      user.disconnect()
    })

    it('says in its own words why a watch, and with it a result, cannot be had', async () => {
      const admin = lane.backend({ url, namespace: 'shy' })
      const user = new lane.Redis(server.port, { password: 'p@ss', db: 1 })
      const grant = (...rules: string[]): Promise<unknown> =>
        user.call('acl', ['setuser', 'shy', 'on', '>pw', '~*', '&*', '+@all', ...rules])
      await grant()
      const shy = lane.backend({ url: url.replace(':p%40ss', 'shy:pw'), namespace: 'shy' })
      const handle = await createClient({ backend: shy }).enqueue(greet, {})
      await grant('-subscribe')
      const refused = {
        name: 'QueueError',
        code: 'permission',
        message: expect.stringMatching(/^the server does not let .*'subscribe'/),
      }
      await expect(handle.result()).rejects.toMatchObject(refused)
      await expect(shy.watch({ workerId: 'worker-1' })).rejects.toMatchObject(refused)
      await shy.close()
      await admin.destroy()
      await admin.close()
      await user.quit()
    })

    it('says within about two seconds that the server is away, and goes on when it is back', async () => {
      const backend = lane.backend({ url })
      const handle = await createClient({ backend }).enqueue(greet, {})
      await server.kill()
      const since = performance.now()
      await expect(backend.statistics()).rejects.toMatchObject({ code: 'connection', retryable: true })
      expect(performance.now() - since).toBeLessThan(3_000)
      const away = { name: 'QueueError', code: 'connection', retryable: true }
      await expect(backend.watch({ workerId: 'worker-1' })).rejects.toMatchObject(away)
      await expect(handle.result({ timeout: '1h' })).rejects.toMatchObject(away)
      await server.restart()
      await expect.poll(() => backend.statistics().catch(() => null), { timeout: 5_000 }).toMatchObject({ counts: {} })
      await backend.close()
    })
  })
}
