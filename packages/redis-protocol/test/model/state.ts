import { STATUSES, type Backend } from '@millrace/core'
import { listAll } from './commands.ts'
import { idsOf, keyReferences, type World } from './world.ts'

/** Ids that one call takes. */
const AT_ONCE = 1_000

/** Everything that a caller can see of a namespace. */
export async function stateOf(backend: Backend, world: World): Promise<Readonly<Record<string, unknown>>> {
  const ids = idsOf(world)
  const records: unknown[] = []
  const logs: unknown[] = []
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE)
    records.push(...(await backend.get(some)))
    logs.push(...(await backend.history.logs(some)))
  }
  const state: Record<string, unknown> = {
    records,
    logs,
    keys: await backend.getByKey(keyReferences()),
    paused: await backend.controls.paused(),
    statistics: await backend.statistics(),
  }
  for (const view of STATUSES) state[view] = await listAll(backend, { view })
  state['next'] = await listAll(backend, { view: 'next' })
  state['violations'] = await violationsIn(backend)
  return state
}

async function violationsIn(backend: Backend): Promise<readonly unknown[]> {
  const violations: unknown[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<Backend['audit']>> = await backend.audit({ cursor })
    violations.push(...page.violations)
    cursor = page.cursor
  } while (cursor !== null)
  return violations
}
