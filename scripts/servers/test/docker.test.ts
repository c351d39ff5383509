import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { otherMachine } from '../../test/machine.ts'
import { command } from '../connection.mjs'
import { KINDS } from '../kinds.mjs'
import { onPath, thisMachine } from '../machine.mjs'
import { isRunning } from './process-state.ts'
import { kinds } from './url-of.ts'

/** Stands in for Docker: starts the server that this machine has, by the name of its container. */
const DOCKER = `echo "$*" >>"$LOG"
  case $1 in
    run) echo $$ >"$BIN/$4"; shift 11; exec "$SERVER" "$2";;
    kill) read -r pid <"$BIN/$4"; kill -"\${3#SIG}" "$pid";;
    rm) read -r pid <"$BIN/$3"; kill -9 "$pid";;
  esac`

const PROGRAM = (kind: string): string => `
  import { command } from ${JSON.stringify(new URL('../connection.mjs', import.meta.url).href)}
  import { startServer } from ${JSON.stringify(new URL('../start-server.mjs', import.meta.url).href)}
  const server = await startServer('${kind}', { appendOnly: true })
  await command(server, 'SET', 'k', 'v')
  await server.kill()
  await server.restart()
  console.log(JSON.stringify({ url: server.url, pid: server.pid, folder: server.folder }))
  process.stdin.resume()`

it.for(kinds)(
  'starts %s in Docker where its program is not on PATH, and does not leave the container behind',
  async (kind) => {
    const { program, image } = KINDS[kind]
    const server = onPath(program, thisMachine())
    const machine = otherMachine({ programs: { docker: DOCKER }, env: { SERVER: server } })
    const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM(kind)], {
      env: machine.env,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [line] = await once(createInterface({ input: child.stdout }), 'line')
    const { url, pid, folder }: { url: string; pid: number; folder: string } = JSON.parse(String(line))
    expect(await command(url, 'GET', 'k')).toBe('v')

    child.kill('SIGKILL')
    await expect.poll(() => isRunning(pid)).toBe(false)
    await expect.poll(() => existsSync(folder)).toBe(false)
    const port = new URL(url).port
    const run = new RegExp(
      `^run --rm --name millrace-\\S+ --user \\S+ --publish 127.0.0.1:${port}:${port} --volume ${folder}:${folder} ${image} ${program} ${folder}/server.conf$`,
    )
    expect(machine.log()).toEqual([
      'info',
      expect.stringMatching(run),
      expect.stringMatching(/^kill --signal SIGKILL millrace-/),
      expect.stringMatching(/^kill --signal SIGTERM millrace-/),
      expect.stringMatching(run),
      expect.stringMatching(/^rm --force millrace-/),
    ])
  },
)
