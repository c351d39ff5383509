import { it } from 'vitest'
import { startServer } from '../../scripts/servers/start-server.mjs'
import { deployPrograms, expectMeeting } from './deploy-programs.ts'
import { writePrograms } from './programs.ts'

const programs = writePrograms('deploy', deployPrograms())

it.each(['redis', 'valkey'] as const)(
  'the producer and the worker of the page meet on %s',
  { timeout: 150_000 },
  async (kind) => {
    const server = await startServer(kind)
    await expectMeeting(programs, server.url.replace('redis', kind))
    await server.stop()
  },
)
