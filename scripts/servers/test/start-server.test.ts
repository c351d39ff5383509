import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startCluster } from '../cluster.mjs'
import { command, connect } from '../connection.mjs'
import { startServer, type Server, type ServerOptions } from '../start-server.mjs'
import { isRunning, stateOf } from './process-state.ts'
import { kinds } from './url-of.ts'

describe.each(kinds)('a %s server of one’s own', (kind) => {
  const start = async (options?: ServerOptions): Promise<Server> => {
    const server = await startServer(kind, options)
    onTestFinished(() => server.stop())
    return server
  }

  it('answers, and is gone with its folder when it is stopped', async () => {
    const server = await start()
    expect(await command(server, 'PING')).toBe('PONG')
    expect(isRunning(server.pid)).toBe(true)
    expect(existsSync(server.folder)).toBe(true)
    await server.stop()
    expect(isRunning(server.pid)).toBe(false)
    expect(existsSync(server.folder)).toBe(false)
    await expect(command(server, 'PING')).rejects.toThrow('ECONNREFUSED')
  })

  it('keeps what it was told across a crash and a restart if it has an append-only file', async () => {
    const server = await start({ appendOnly: true })
    await command(server, 'SET', 'k', 'v1')
    const first = server.pid
    await server.kill()
    await expect(command(server, 'PING')).rejects.toThrow('ECONNREFUSED')
    await server.restart()
    expect(await command(server, 'GET', 'k')).toBe('v1')
    expect(server.pid).not.toBe(first)
    await command(server, 'SET', 'k', 'v2')
    await server.restart()
    expect(await command(server, 'GET', 'k')).toBe('v2')
  })

  it('forgets everything without one, and listens on the same port', async () => {
    const server = await start()
    await command(server, 'SET', 'k', 'v')
    await server.restart()
    expect(await command(server, 'GET', 'k')).toBeNull()
  })

  it('asks a server to end before it restarts it, so that it saves what it is set to save', async () => {
    const server = await start({ settings: { save: '3600 1' } })
    await command(server, 'SET', 'k', 'v')
    await server.restart()
    expect(await command(server, 'GET', 'k')).toBe('v')
  })

  it('asks for its password, which may be any text', async () => {
    const server = await start({ password: 'p @:/"\\ ü' })
    expect(await command(server, 'PING')).toBe('PONG')
    await expect(command(`redis://127.0.0.1:${server.port}`, 'PING')).rejects.toThrow('NOAUTH')
  })

  it('takes users, limits and every other directive', async () => {
    const user = ['default off', 'reader on >secret ~* +@read', 'admin on >secret ~* +@all']
    const server = await start({ settings: { user, maxmemory: '3mb' } })
    const as = (name: string): string => `redis://${name}:secret@127.0.0.1:${server.port}`
    await expect(command(as('reader'), 'SET', 'k', 'v')).rejects.toThrow('NOPERM')
    expect(await command(as('reader'), 'GET', 'k')).toBeNull()
    expect(await command(as('admin'), 'CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', '3145728'])
    await command(as('admin'), 'DEBUG', 'SLEEP', 0)
  })

  it('speaks TLS with a certificate of its own, and then nothing else', async () => {
    const server = await start({ tls: true, password: 'p' })
    expect(server.url).toMatch(/^rediss:/)
    expect(await command(server, 'PING')).toBe('PONG')
    await expect(command(server.url, 'PING')).rejects.toThrow(/self.signed/)
    await expect(command(`redis://127.0.0.1:${server.port}`, 'PING')).rejects.toThrow()
  })

  it('can be frozen', async () => {
    const server = await start()
    const connection = await connect(server)
    server.signal('SIGSTOP')
    const reply = connection.send('PING')
    await expect.poll(() => stateOf(server.pid)).toBe('T')
    server.signal('SIGCONT')
    expect(await reply).toBe('PONG')
    connection.close()
  })

  it('says why it does not start, and leaves nothing behind', async () => {
    await expect(startServer(kind, { settings: { 'no-such-directive': 1 } })).rejects.toThrow(
      /ended at once:[^]*no-such-directive/,
    )
  })

  it('shares the slots of a cluster out', async () => {
    const cluster = await startCluster(kind, { masters: 3, replicas: 1 })
    onTestFinished(() => cluster.stop())
    const [first = ''] = cluster.urls
    expect(await command(first, 'CLUSTER', 'INFO')).toMatch(/cluster_state:ok\r\ncluster_slots_assigned:16384\r\n/)
    expect(await command(first, 'CLUSTER', 'INFO')).toMatch(/cluster_known_nodes:6\r\ncluster_size:3\r\n/)
    await expect(command(first, 'GET', 'foo')).rejects.toThrow(/^MOVED 12182 /)
  })

  it.for(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'is gone with its folder when the process that started it ends by %s',
    async (signal) => {
      const { pid, folder, child } = await startElsewhere()
      expect(isRunning(pid)).toBe(true)
      child.kill(signal)
      await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false)
      await expect.poll(() => existsSync(folder), { timeout: 5_000 }).toBe(false)
    },
  )

  it('does not keep the process waiting that started it, and ends with it', async () => {
    const { pid, child } = await startElsewhere('')
    await once(child, 'exit')
    await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false)
  })

  /** In another process, which then stays as long as this one, or does `then`. */
  async function startElsewhere(then = 'process.stdin.resume()') {
    const program = `import { startServer } from ${JSON.stringify(new URL('../start-server.mjs', import.meta.url).href)}
      const { pid, folder } = await startServer('${kind}')
      console.log(JSON.stringify({ pid, folder }))
      ${then}`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [line] = await once(createInterface({ input: child.stdout }), 'line')
    const { pid, folder }: { pid: number; folder: string } = JSON.parse(String(line))
    return { pid, folder, child }
  }
})
