import { resolve } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { demo } from './commands/demo.ts'
import { pause } from './commands/pause.ts'
import { serve } from './commands/serve.ts'
import { work } from './commands/work.ts'
import { DEFAULT_URL } from './open-client.ts'
import { Refusal } from './refusal.ts'
import type { Terminal } from './terminal.ts'
import { sayWorking } from './worker-process.ts'

const DEFAULT_CONCURRENCY = 16
const MAX_CONCURRENCY = 256
const MAX_PORT = 65_535
const DEFAULT_STALE_AFTER = 20
const MAX_STALE_AFTER = 3_600
const MAX_PACE_MS = 60_000

interface Options {
  readonly out: string
  readonly url?: string
  readonly concurrency: number
  readonly port: number
  readonly root: string
  readonly chaos: boolean
  readonly staleAfter: number
  readonly pace: number
}

type DemoWords = Omit<Options, 'port'> & { readonly port?: number }

/** What the command line asks for, as an exit code: 0 done, 1 something failed, 2 it could not begin, 130 interrupted. */
export async function runCommandLine(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  let code = 0
  const program = new Command('example-worker')
    .description('Third-party licence inventories, as an example of a Millrace application.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.write(text), writeErr: (text) => terminal.writeError(text) })
    .showHelpAfterError('(--help shows what there is)')

  program
    .command('demo')
    .description('inspect one folder from start to end: in this process, or on a server, with two worker processes')
    .argument('[folder]', "where to look for packages (default: this repository's node_modules)")
    .addOption(
      new Option(
        '--port <port>',
        'of the webhook receiver (default: one that belongs to the folder, if it is free)',
      ).argParser(wholeNumber(0, MAX_PORT)),
    )
    .addOption(outOption())
    .addOption(urlOption())
    .addOption(concurrencyOption())
    .option('--chaos', 'kill a worker in the middle, and the server too if it is of its own', false)
    .addHelpText('after', SERVERS)
    .action(async (folder: string | undefined, { out, url, concurrency, port, chaos }: DemoWords) => {
      const options = { folder, out: resolve(out), url, concurrency, port, digestAfter: '1s', chaos } as const
      code = await demo(options, terminal, signal)
    })

  program
    .command('serve')
    .description('an HTTP producer with a worker: POST /inventory, GET /tasks/:id, GET /health')
    .addOption(portOption('to listen at, on 127.0.0.1', 3000))
    .option('--root <folder>', 'only folders in here are inspected', '.')
    .addOption(outOption())
    .addOption(urlOption())
    .addOption(concurrencyOption())
    .action(async ({ root, out, url, concurrency, port }: Options) => {
      code = await serve({ root: resolve(root), out: resolve(out), url, concurrency, port }, terminal, signal)
    })

  program
    .command('work')
    .description('a worker and nothing else, for what others enqueue; the demo starts two of them')
    .addOption(outOption())
    .addOption(urlOption())
    .addOption(concurrencyOption())
    .addOption(
      new Option('--stale-after <seconds>', 'whose worker is silent for so long runs again; equal for all workers')
        .default(DEFAULT_STALE_AFTER)
        .argParser(wholeNumber(1, MAX_STALE_AFTER)),
    )
    .addOption(
      new Option('--pace <ms>', 'each inspection takes so much longer, to look on')
        .default(0)
        .argParser(wholeNumber(0, MAX_PACE_MS)),
    )
    .action(async ({ out, url, concurrency, staleAfter, pace }: Options) => {
      code = await work({ out: resolve(out), url, concurrency, staleAfter, pace }, terminal, signal, sayWorking)
    })

  for (const [act, what] of [
    ['pause', 'no worker takes from these queues any more, before a migration for example; without a name from none'],
    ['resume', 'takes that back; without a name only what was said of all queues'],
  ] as const) {
    program
      .command(act)
      .description(what)
      .argument('[queues...]', 'names of queues')
      .addOption(urlOption())
      .action(async (queues: readonly string[], { url }: Options) => {
        code = await pause({ act, queues, url }, terminal)
      })
  }

  try {
    await program.parseAsync([...words], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof Refusal)) throw error
    terminal.writeError(`${error.message}\n`)
    return 2
  }
}

const SERVERS = `
Backends:
  memory:                  in this process, as long as it lives
  redis://host, rediss://  a server of yours, with two worker processes; the same with valkey:// and valkeys://
  redis:, valkey:          a server of the demo's own: redis-server or valkey-server on PATH, on a free port,
                           with an append-only file in a temporary folder that is gone at the end

Chaos, on a server:
  A worker is killed (SIGKILL) while it holds tasks, and replaced by a new one; a server of the demo's own is killed,
  too, and started again. A server of yours is left alone. Everything must be inspected all the same.
  Silence is noticed after 2 s instead of 20, and each inspection takes 200 ms longer, so that there is a middle.
`

function portOption(what: string, port: number): Option {
  return new Option('--port <port>', `${what}; 0 for any free one`).default(port).argParser(wholeNumber(0, MAX_PORT))
}

function outOption(): Option {
  return new Option('--out <folder>', 'where the report is written').default('millrace-report')
}

function urlOption(): Option {
  return new Option('--url <url>', `the backend (default: MILLRACE_URL, or ${DEFAULT_URL})`)
}

function concurrencyOption(): Option {
  return new Option('--concurrency <handlers>', 'handlers that run at the same time')
    .default(DEFAULT_CONCURRENCY)
    .argParser(wholeNumber(1, MAX_CONCURRENCY))
}

function wholeNumber(min: number, max: number): (word: string) => number {
  return (word) => {
    const value = /^\d+$/.test(word) ? Number(word) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  }
}
