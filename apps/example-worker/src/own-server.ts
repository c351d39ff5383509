import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { Refusal } from './refusal.ts'

/** Each is started by `redis-server` and `valkey-server`. */
export type ServerKind = 'redis' | 'valkey'

/** A server that lives as long as its user, however that one ends; with it goes what it kept. */
export interface OwnServer extends AsyncDisposable {
  readonly url: string
  /** As a crash would: no last word, no last write. */
  kill(): Promise<void>
  /** Again, on the same port, with what it had acknowledged. Resolves when it answers. */
  start(): Promise<void>
}

/** `redis:` and `valkey:`, without a host: the user has no server, and wants one. */
export function wantedServer(url: string): ServerKind | null {
  const [, kind] = /^(redis|valkey):(?:\/\/)?$/i.exec(url) ?? []
  return kind === undefined ? null : kind.toLowerCase() === 'redis' ? 'redis' : 'valkey'
}

/**
 * The shell starts the server, and kills it as soon as nobody holds the other end of its input any more; unless told to keep it, the
 * server's folder goes too. Its own end of the output is closed, so that the output ends when the server does.
 */
const SCRIPT = `command -v "$1" >/dev/null || exit 127
"$@" </dev/null 2>&1 & exec >&- 2>&-
read -r word; kill -9 $!; wait; [ "$word" = keep ] || rm -rf "$PWD"`
const NOT_FOUND = 127
const READY = /ready to accept connections/i
const TAKEN = /address already in use/i
const MOST_PORTS = 10

/** @throws Refusal if the program is not on PATH, or does not start. */
export async function startOwnServer(kind: ServerKind): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), `millrace-demo-${kind}-`))
  let run: Run | null = null
  async function end(): Promise<void> {
    await run?.end('')
    await rm(folder, { recursive: true, force: true })
  }
  try {
    for (let tries = 1; ; tries++) {
      const port = await freePort()
      run = launch(kind, folder, port)
      const problem = await run.problem
      if (problem === null) {
        return {
          url: `${kind}://127.0.0.1:${port}`,
          kill: async () => await run?.end(KEEP),
          async start() {
            run = launch(kind, folder, port)
            const why = await run.problem
            if (why !== null) throw new Refusal(why)
          },
          [Symbol.asyncDispose]: end,
        }
      }
      if (!TAKEN.test(problem) || tries === MOST_PORTS) throw new Refusal(problem)
    }
  } catch (error) {
    await end()
    throw error
  }
}

const KEEP = 'keep\n'

interface Run {
  /** Resolves when the server answers, to null, or to why it never will. */
  readonly problem: Promise<string | null>
  end(word: string): Promise<void>
}

function launch(kind: ServerKind, folder: string, port: number): Run {
  const program = `${kind}-server`
  // What it has acknowledged is on the disk, so that it can be killed at any moment.
  const settings = `--port ${port} --bind 127.0.0.1 --appendonly yes --appendfsync always --maxmemory-policy noeviction --save`
  // A session of its own: Ctrl-C is for its user, who ends it when the time has come.
  const shell = spawn('sh', ['-c', SCRIPT, 'server', program, ...settings.split(' '), ''], {
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = once(shell, 'exit').then(
    ([code]: unknown[]) => code === NOT_FOUND,
    () => true,
  )
  shell.stdin.on('error', () => undefined)
  return {
    problem: answer(shell, program, ended),
    async end(word) {
      shell.stdin.end(word)
      await ended
    },
  }
}

async function answer(
  shell: ChildProcessByStdio<Writable, Readable, null>,
  program: string,
  isMissing: Promise<boolean>,
): Promise<string | null> {
  const words = await untilReady(shell.stdout)
  if (words === null) return null
  shell.stdin.end(KEEP)
  if (await isMissing)
    return `${program} is not on PATH. Install it, or name a server that runs: --url ${program.replace('-server', '')}://localhost:6379`
  return `${program} did not start:\n${words.trim().split('\n').slice(-8).join('\n')}`
}

/** null: the server answers; else its output ended before, and this is what it was. */
function untilReady(output: Readable): Promise<string | null> {
  let words = ''
  return new Promise((resolve) => {
    output.setEncoding('utf8').on('data', (more: string) => {
      words += more
      if (READY.test(words)) resolve(null)
    })
    output.on('close', () => resolve(words))
  })
}

/**
 * Below the ports that systems give to outgoing connections: a client that tries again and again to reach a stopped server must not get
 * the server's own port, talk to itself, and keep the server from coming back.
 */
const LOWEST_PORT = 20_000
const HIGHEST_PORT = 32_000

async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT))
    const server = createServer()
    const isFree = once(server.listen(port, '127.0.0.1'), 'listening').then(
      () => true,
      () => false,
    )
    if (await isFree) {
      server.close()
      await once(server, 'close')
      return port
    }
  }
}
