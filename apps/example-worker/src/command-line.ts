import { resolve } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { demo } from './commands/demo.ts'
import { serve } from './commands/serve.ts'
import { DEFAULT_URL } from './open-client.ts'
import { Refusal } from './refusal.ts'
import type { Terminal } from './terminal.ts'

const DEFAULT_CONCURRENCY = 16
const MAX_CONCURRENCY = 256
const MAX_PORT = 65_535

interface Options {
  readonly out: string
  readonly url?: string
  readonly concurrency: number
  readonly port: number
  readonly root: string
}

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
    .description('inspect one folder from start to end, with producer and worker in this process')
    .argument('[folder]', "where to look for packages (default: this repository's node_modules)")
    .addOption(portOption('of the webhook receiver', 0))
    .addOption(outOption())
    .addOption(urlOption())
    .addOption(concurrencyOption())
    .action(async (folder: string | undefined, { out, url, concurrency, port }: Options) => {
      code = await demo({ folder, out: resolve(out), url, concurrency, port, digestAfter: '1s' }, terminal, signal)
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
