import { startServer } from '../../../scripts/servers/start-server.mjs'
import type { OwnServer, ServerKind } from '../src/own-server.ts'

/** In place of the demo's own: a server from wherever the tests get theirs, which need not be PATH. */
export async function testServer(kind: ServerKind): Promise<OwnServer> {
  const { url, kill, restart, stop } = await startServer(kind, {
    appendOnly: true,
    settings: { appendfsync: 'always' },
  })
  return { url: url.replace('redis', kind), kill, start: restart, [Symbol.asyncDispose]: stop }
}
