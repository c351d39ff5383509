import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createWorker, type StopReport } from '@millrace/worker'
import { farewell } from '../farewell.ts'
import { readableFolder, writableFolder } from '../folder.ts'
import { handlersIn } from '../handlers/all.ts'
import { createApp } from '../http.ts'
import { chosenUrl, openClient, refused } from '../open-client.ts'
import { listen } from '../receiver.ts'
import { leftBehind } from '../left-behind.ts'
import { queuesOf } from '../queues.ts'
import type { Terminal } from '../terminal.ts'

export interface ServeOptions {
  /** 0: any free one. */
  readonly port: number
  readonly url: string | undefined
  /** Only folders in here are inspected. */
  readonly root: string
  /** Reports are written below it, each inventory's in a folder of its own. */
  readonly out: string
  readonly concurrency: number
}

const GRACE = '10s'

/**
 * A web application and its worker in one process, until `signal` aborts: then it takes no more requests, lets its handlers finish, and
 * gives back what they could not. Exit code 0, or 1 if the worker had to leave something behind.
 * @throws Refusal if it cannot begin.
 */
export async function serve(options: ServeOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const root = await readableFolder(options.root)
  await writableFolder(options.out)
  await using client = openClient(chosenUrl(options.url))
  const tasks = handlersIn({
    client,
    boundary: root,
    // A file that grows with each request, and that nobody reads.
    witness: null,
    reportFolder: (inventory) => join(options.out, inventory),
    digestAfter: '5s',
  })
  const worker = createWorker({
    client,
    concurrency: options.concurrency,
    tasks,
    queues: queuesOf(tasks),
  })
  const listener = getRequestListener(createApp({ client, worker, root }).fetch)
  const server = createServer((request, response) => void listener(request, response))
  const { address, port } = await listen(server, options.port)
  terminal.write(`Inventories of folders in ${root} at http://${address}:${port}
  POST /inventory {"folder": "."}   GET /tasks/<id>   GET /health\n`)
  const closed = once(server, 'close')
  const close = (): void => void server.close()
  signal.addEventListener('abort', close, { once: true })
  let stopped: StopReport
  try {
    stopped = await worker.run({ signal, grace: GRACE }).catch(refused)
  } finally {
    close()
    server.closeAllConnections()
    await closed
  }
  const { words, code } = farewell(stopped)
  terminal.write(`Stopped.${words}${await leftBehind(client)}\n`)
  return code
}
