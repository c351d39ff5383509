import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isId, isTerminal, QueueError, type Client, type TaskRecord } from '@millrace/core'
import type { Worker } from '@millrace/worker'
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { messageOf } from './refusal.ts'
import { requestInventory } from './request-inventory.ts'
import { isWithin } from './scan.ts'
import { buildReport, reportKey } from './tasks/build-report.ts'
import { scanInventory } from './tasks/scan-inventory.ts'

export interface AppOptions {
  readonly client: Client
  /** The worker in this process, for /health. */
  readonly worker: Pick<Worker, 'health'>
  /** Only folders in here are inspected; the default of a request. A real path. */
  readonly root: string
}

/** A turn that is due for longer means that the worker does not get through. */
const MAX_LAG_MS = 10_000
const SERVING: ReturnType<Worker['health']>['status'] = 'running'
const MAX_BODY_BYTES = 16_384
const OWN_NAMES = ['localhost', '127.0.0.1', '[::1]']
const inventoryRequest = z.strictObject({ folder: z.string().min(1).optional() })

/** The producer's side of a web application: it enqueues, answers at once, and tells later how it went. */
export function createApp({ client, worker, root }: AppOptions): Hono {
  const app = new Hono()
  app.use(refuseOtherSites)

  app.post('/inventory', bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }), async (context) => {
    const { folder = '.' } = await bodyOf(context)
    const { id, outcome, record } = await requestInventory(client, await folderIn(root, folder), null)
    const task = `/tasks/${id}`
    return context.json({ id, outcome, status: record?.status, task }, 202, { location: task })
  })

  app.get('/tasks/:id', async (context) => {
    const record = await found(client, context.req.param('id'))
    const report = record.taskName === scanInventory.name ? { report: await reportOf(client, record.id) } : {}
    return context.json({ ...viewOf(record), log: await client.logs(record.id), ...report })
  })

  app.get('/health', async (context) => {
    const { lastError, ...health } = worker.health()
    const { counts, queues } = await client.statistics()
    const isOnTime = health.consecutiveErrors === 0 && health.lagMs < MAX_LAG_MS
    const isHealthy = health.status === SERVING && isOnTime && health.stuck.length === 0
    const error = lastError === null ? null : messageOf(lastError)
    return context.json({ isHealthy, worker: { ...health, lastError: error }, counts, queues }, isHealthy ? 200 : 503)
  })

  app.notFound((context) => context.json({ error: `There is no ${context.req.method} ${context.req.path}.` }, 404))
  app.onError((error, context) => {
    if (error instanceof HTTPException) return context.json({ error: error.message }, error.status)
    // The backend is away. The request may be repeated: its key keeps one inventory from becoming two.
    if (error instanceof QueueError && error.retryable) return context.json({ error: error.message }, 503)
    return context.json({ error: 'Something went wrong here.' }, 500)
  })
  return app
}

/** Web pages of other sites must not reach this server through their visitor's browser, by whatever name. */
const refuseOtherSites: MiddlewareHandler = async (context, next) => {
  const origin = context.req.header('origin')
  const names = [context.req.url, ...(origin === undefined ? [] : [origin])].map(
    (url) => URL.parse(url)?.hostname ?? '',
  )
  if (names.every((name) => OWN_NAMES.includes(name))) return await next()
  throw new HTTPException(403, { message: 'This server answers programs of this machine only.' })
}

function tooLarge(): never {
  throw new HTTPException(413, { message: `The body is larger than ${MAX_BODY_BYTES} bytes.` })
}

/** An empty body asks for the default. */
async function bodyOf(context: Context): Promise<z.infer<typeof inventoryRequest>> {
  const text = await context.req.text()
  if (text.trim() === '') return {}
  const value = parsed(text)
  if (value === undefined) throw new HTTPException(400, { message: 'The body is not valid JSON.' })
  const request = inventoryRequest.safeParse(value)
  if (request.success) return request.data
  const why = request.error.issues.map(({ path, message }) => `${['body', ...path].join('.')}: ${message}`)
  throw new HTTPException(400, { message: why.join('; ') })
}

/** undefined: no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The real folder, which must be the root or lie in it, wherever links lead. What is outside is not even said to exist. */
async function folderIn(root: string, folder: string): Promise<string> {
  const outside = new HTTPException(400, {
    message: 'body.folder: must lie in the folder that this server was started for',
  })
  if (folder.includes('\0')) throw new HTTPException(400, { message: 'body.folder: is not a path' })
  const wanted = resolve(root, folder)
  if (!isWithin(root, wanted)) throw outside
  const real = await realpath(wanted).catch(() => null)
  if (real === null) throw new HTTPException(404, { message: `There is no folder ${folder}.` })
  if (!isWithin(root, real)) throw outside
  if (!(await stat(real)).isDirectory()) throw new HTTPException(400, { message: `${folder} is a file, not a folder.` })
  return real
}

async function found(client: Client, id: string): Promise<TaskRecord> {
  const record = isId(id) ? await client.get(id) : null
  if (record === null) throw new HTTPException(404, { message: `There is no task ${id} (any more).` })
  return record
}

/** What a caller may know; stacks and the worker's name stay inside. */
function viewOf({ id, taskName, queue, status, attempt, retryCount, recoveries, ...record }: TaskRecord): object {
  const { createdAt, startedAt, completedAt, result, error } = record
  return {
    id, task: taskName, queue, status, isOver: isTerminal(status), attempt, retryCount, recoveries,
    createdAt, startedAt, completedAt, result,
    error: error === null ? null : { name: error.name, message: error.message, code: error.code ?? null },
  } // prettier-ignore
}

/** An inventory's report, as the task that builds it; null until everything is inspected. */
async function reportOf(client: Client, inventory: string): Promise<object | null> {
  const record = await client.getByKey(reportKey(inventory), buildReport)
  return record === null ? null : { ...viewOf(record), link: `/tasks/${record.id}` }
}
