import { join } from 'node:path'
import { createClient, type Client } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { createWorker, type Worker } from '@millrace/worker'
import type { Hono } from 'hono'
import { afterEach, describe, expect, test } from 'vitest'
import { handlersIn } from '../src/handlers/all.ts'
import { createApp } from '../src/http.ts'
import { buildReport } from '../src/tasks/build-report.ts'
import { inspectPackage } from '../src/tasks/inspect-package.ts'
import { witnessIn } from '../src/witness.ts'
import { link, manifest, tree } from './tree.ts'

interface Setting {
  readonly app: Hono
  readonly client: Client
  readonly worker: Worker
  readonly root: string
}

const opened: Setting[] = []

afterEach(async () => {
  for (const { worker, client } of opened.splice(0)) {
    await worker.stop({ grace: '1s' })
    await client.close()
  }
})

function setting(leaves: Parameters<typeof tree>[0] = {}): Setting {
  const root = tree(leaves)
  const out = tree()
  const client = createClient({ backend: memoryBackend() })
  const tasks = handlersIn({
    client,
    boundary: root,
    witness: witnessIn(join(out, 'witness.ndjson')),
    reportFolder: (inventory) => join(out, inventory),
    digestAfter: 0,
  })
  const worker = createWorker({ client, tasks, concurrency: 4 })
  const one = { app: createApp({ client, worker, root }), client, worker, root }
  opened.push(one)
  return one
}

async function post(
  app: Hono,
  body?: string | object,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const text = typeof body === 'object' ? JSON.stringify(body) : body
  const response = await app.request('/inventory', {
    method: 'POST',
    headers,
    ...(text === undefined ? {} : { body: text }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function get(app: Hono, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await app.request(path)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('POST /inventory', { timeout: 30_000 }, () => {
  test('answers at once with a task that can be asked about until the report is there', async () => {
    const { app, client, worker } = setting({
      'node_modules/a/package.json': manifest('a'),
      'node_modules/b/package.json': '{',
    })
    const { status, body } = await post(app)
    expect(status).toBe(202)
    expect(body).toMatchObject({ outcome: 'created', status: 'pending', task: `/tasks/${String(body['id'])}` })
    expect((await get(app, String(body['task']))).body).toMatchObject({
      status: 'pending',
      isOver: false,
      attempt: 0,
      report: null,
    })

    await worker.start()
    const reports = await ended(client, buildReport.name)
    const task = await get(app, String(body['task']))
    expect(task.body).toMatchObject({
      task: 'inventory.scan',
      status: 'completed',
      isOver: true,
      attempt: 1,
      error: null,
      report: { id: reports[0]?.id, status: 'completed', result: { packages: 2, problems: 1 } },
      log: [{ attempt: 1, message: 'scanned', data: { packages: 2, problems: 0 } }],
    })
    const report = await get(app, String(Object(task.body['report']).link))
    expect(report.body).toMatchObject({ task: 'report.build', result: { packages: 2 } })
  })

  test('asked twice while it is under way is one inventory', async () => {
    const { app, client } = setting({ 'node_modules/a/package.json': manifest('a') })
    const first = await post(app, { folder: '.' })
    const second = await post(app, { folder: './node_modules/..' })
    expect(second).toMatchObject({ status: 202, body: { id: first.body['id'], outcome: 'existing' } })
    expect((await client.statistics()).counts.pending).toBe(1)
  })

  test('asked again later is another inventory of the same packages', async () => {
    const { app, client, worker } = setting({ 'node_modules/a/package.json': manifest('a') })
    await worker.start()
    const first = await post(app)
    await ended(client, buildReport.name)
    const second = await post(app)
    expect(second.body).toMatchObject({ outcome: 'created' })
    expect(second.body['id']).not.toBe(first.body['id'])
    await ended(client, buildReport.name, 2)
    const inspections = await ended(client, inspectPackage.name, 2)
    expect(inspections.map(({ key }) => key)).toEqual(['a@1.0.0', 'a@1.0.0'])
  })

  test.each([
    ['what is no JSON', '{"folder":', 400, 'The body is not valid JSON.'],
    ['a list', '[]', 400, /^body: /],
    ['an unknown name', '{"foldr": "."}', 400, /foldr/],
    ['an empty folder name', '{"folder": ""}', 400, /^body\.folder: /],
    ['a number', '{"folder": 7}', 400, /^body\.folder: /],
    ['a folder that does not exist', '{"folder": "nowhere"}', 404, 'There is no folder nowhere.'],
    ['a file', '{"folder": "file.txt"}', 400, 'file.txt is a file, not a folder.'],
    ['the folder above', '{"folder": ".."}', 400, /must lie in the folder/],
    ['a folder far away', '{"folder": "/etc"}', 400, /must lie in the folder/],
    ['a link that leads out', '{"folder": "out"}', 400, /must lie in the folder/],
    ['a name with a zero byte', '{"folder": "a\\u0000b"}', 400, 'body.folder: is not a path'],
    ['a body that never ends', `"${'x'.repeat(20_000)}"`, 413, /larger than/],
  ])('refuses %s', async (_, body, status, error) => {
    const { app, client } = setting({ 'file.txt': '', out: link('/etc') })
    const answer = await post(app, body)
    expect(answer).toMatchObject({ status, body: { error: expect.stringMatching(error) } })
    expect((await client.statistics()).queues).toEqual([])
  })

  test('refuses pages of other sites', async () => {
    const { app } = setting()
    expect(await post(app, undefined, { origin: 'https://example.com' })).toMatchObject({ status: 403 })
    expect((await app.request('http://example.com/health')).status).toBe(403)
    expect(await post(app, undefined, { origin: 'http://localhost:3000' })).toMatchObject({ status: 202 })
  })
})

describe('GET /tasks/:id', () => {
  test.each(['nonsense', '0197f0f0-0000-7000-8000-000000000000', '%00', '..%2F..'])(
    'of %s is not found',
    async (id) => {
      const { app } = setting()
      expect(await get(app, `/tasks/${id}`)).toMatchObject({
        status: 404,
        body: { error: expect.stringContaining('There is no task') },
      })
    },
  )

  test('shows an error without its stack', async () => {
    const { app, client } = setting()
    const { id } = await client.enqueue(inspectPackage, {
      name: 'a',
      version: null,
      place: 'a',
      path: '/a',
      direct: false,
      copies: 1,
      differsFrom: null,
    })
    await client.cancel(id, { reason: 'not wanted' })
    const { body } = await get(app, `/tasks/${id}`)
    expect(body).toMatchObject({
      status: 'cancelled',
      isOver: true,
      error: { message: 'not wanted', code: 'cancelled' },
    })
    expect(Object.keys(Object(body['error']))).toEqual(['name', 'message', 'code'])
  })
})

describe('GET /health', () => {
  test('is 503 before the worker runs and after it stopped, 200 between', async () => {
    const { app, worker } = setting()
    expect(await get(app, '/health')).toMatchObject({ status: 503, body: { isHealthy: false } })
    await worker.start()
    expect(await get(app, '/health')).toMatchObject({
      status: 200,
      body: {
        isHealthy: true,
        worker: { status: 'running', free: 4, lastError: null },
        counts: { pending: 0 },
        queues: [],
      },
    })
    await worker.stop()
    expect(await get(app, '/health')).toMatchObject({ status: 503 })
  })
})

test('anything else is not found, and a closed backend is an error without details', async () => {
  const { app, client } = setting()
  expect(await get(app, '/')).toMatchObject({ status: 404, body: { error: 'There is no GET /.' } })
  await client.close()
  expect(await get(app, '/health')).toMatchObject({ status: 500, body: { error: 'Something went wrong here.' } })
})

/** The finished records of a task, once there are so many. */
async function ended(client: Client, taskName: string, count = 1): Promise<{ id: string; key: string | null }[]> {
  return await expect
    .poll(async () => (await client.list({ view: 'completed', taskName })).records, { timeout: 20_000 })
    .toHaveLength(count)
    .then(async () => [...(await client.list({ view: 'completed', taskName })).records])
}
