import {
  STATUSES,
  TERMINAL_STATUSES,
  type Assignment,
  type Backend,
  type Fence,
  type ListQuery,
  type ReplayRequest,
  type SweepRequest,
  type TaskRecord,
  type TurnRequest,
} from '@millrace/core'
import { newRequest, plainRequest } from './requests.ts'
import { newTurn } from './turns.ts'
import { idsOf, keyReferences, PLACES, QUEUES, remember, TASKS, type World } from './world.ts'

/** One call, made alike on each backend. */
export interface Command {
  readonly name: string
  /** What it is called with, for whoever reads why a run failed. */
  readonly request: unknown
  act(backend: Backend): Promise<unknown>
}

/** The next command of a run. */
export function nextCommand(world: World): Command {
  return world.random.weighted(KINDS)(world)
}

const KINDS: readonly [Kind, ...Kind[]] = [
  [24, enqueue],
  [1, enqueueMany],
  [4, enqueueAgain],
  [30, (world) => turn(world, newTurn(world))],
  [5, turnAgain],
  [6, cancel],
  [8, sweep],
  [6, assign],
  [6, replay],
  [3, resetKeys],
  [3, lease],
  [3, pauseOrResume],
  [6, list],
  [2, look],
  [20, advance],
]

type Kind = readonly [weight: number, make: (world: World) => Command]

function enqueue(world: World): Command {
  const requests = Array.from({ length: world.random.whole(1, 4) }, () => newRequest(world))
  return enqueueOf(world, requests)
}

function enqueueMany(world: World): Command {
  const make = world.random.chance(0.3) ? newRequest : plainRequest
  return enqueueOf(
    world,
    Array.from({ length: world.random.whole(150, 450) }, () => make(world)),
  )
}

function enqueueAgain(world: World): Command {
  const { random, requests } = world
  return enqueueOf(world, [...random.some(requests.slice(-60), 4), newRequest(world), ...random.some(requests, 2)])
}

function enqueueOf(world: World, requests: readonly ReturnType<typeof newRequest>[]): Command {
  world.requests.push(...requests)
  return { name: 'enqueue', request: requests, act: (backend) => backend.enqueue(requests) }
}

function turn(world: World, request: TurnRequest): Command {
  return {
    name: 'turn',
    request,
    async act(backend) {
      const answer = await backend.turn(request)
      remember(world, answer.records)
      return answer
    },
  }
}

/** Word for word, as after a lost reply. */
function turnAgain(world: World): Command {
  const [first, ...others] = world.turns.values()
  return turn(world, first === undefined ? newTurn(world) : world.random.pick([first, ...others]))
}

function cancel(world: World): Command {
  const { random } = world
  const request = {
    ids: random.some(idsOf(world).slice(-random.pick([10, 100, 500])), random.chance(0.05) ? 300 : 3),
    includeRunning: random.chance(0.6),
    ...(random.chance(0.5) ? { reason: 'no longer\u2028 "wanted"' } : {}),
  }
  return { name: 'cancel', request, act: (backend) => backend.cancel(request) }
}

function sweep(world: World): Command {
  const { random } = world
  const some = {
    ...(random.chance(0.3) ? { queues: QUEUES.filter(() => random.chance(0.5)) } : {}),
    ...(random.chance(0.5) ? { limit: random.pick([0, 1, 3, 250]) } : {}),
  }
  const request = random.pick<SweepRequest>([
    { what: 'stale', staleAfterMs: random.pick([1, 1_000, 30_000]), ...some },
    { what: 'expired', ...some },
    {
      what: 'finished',
      olderThanMs: random.pick([0, 1_000, 60_000]),
      ...(random.chance(0.3) ? { statuses: random.some(TERMINAL_STATUSES, 3) } : {}),
      ...some,
    },
  ])
  return { name: 'sweep', request, act: (backend) => backend.sweep(request) }
}

function assign(world: World): Command {
  const { random } = world
  const refs = ['pod-1', 'pod-2\n', null] as const
  const one = (id: string): Assignment => ({
    id,
    attempt: random.pick<Fence>(['any', 0, 1, 2]),
    ...(random.chance(0.4) ? { expectedRef: random.pick(refs) } : {}),
    executionRef: random.pick(refs),
    ...(random.chance(0.3) ? { executionBackend: random.pick(PLACES) } : {}),
    ...(random.chance(0.3) ? { executionProfile: random.pick(['small', null]) } : {}),
  })
  const request = random.some(idsOf(world).slice(-40), 3).map(one)
  return { name: 'assign', request, act: (backend) => backend.assign(request) }
}

function replay(world: World): Command {
  const { random } = world
  const one = (id: string): ReplayRequest => ({ id, attempt: random.pick<Fence>(['any', 'any', 0, 1, 2]) })
  const request = random.some(idsOf(world).slice(-random.pick([20, 200])), 4).map(one)
  const options = random.chance(0.4) ? { delayMs: random.pick([0, 1, 2_000]) } : {}
  return { name: 'replay', request: [request, options], act: (backend) => backend.replay(request, options) }
}

function resetKeys({ random }: World): Command {
  const request = random.some(keyReferences(), 3)
  return { name: 'resetKeys', request, act: (backend) => backend.controls.resetKeys(request) }
}

function lease({ random }: World): Command {
  const request = {
    name: 'duty',
    token: random.pick(['one', 'two']),
    ttlMs: random.whole(1, 5_000),
    ...(random.chance(0.3) ? { release: random.chance(0.5) } : {}),
  }
  return { name: 'lease', request, act: (backend) => backend.lease(request) }
}

/** Resumed more often than paused, or soon nothing would be claimed. */
function pauseOrResume({ random }: World): Command {
  const name = random.weighted([
    [2, 'pause'],
    [3, 'resume'],
  ] as const)
  const queues = random.chance(0.3) ? null : QUEUES.filter(() => random.chance(name === 'pause' ? 0.3 : 0.8))
  return { name, request: queues, act: (backend) => backend.controls[name](queues) }
}

function list({ random, clock }: World): Command {
  const view = random.pick<ListQuery['view']>(['next', ...STATUSES])
  const isTerminal = TERMINAL_STATUSES.some((status) => status === view)
  const query: ListQuery = {
    view,
    ...(random.chance(0.4) ? { queue: random.pick(QUEUES) } : {}),
    ...(random.chance(0.3) ? { taskName: random.pick(TASKS) } : {}),
    ...(random.chance(0.2) ? { executionBackend: random.pick(PLACES) } : {}),
    ...(random.chance(0.3) ? { external: random.chance(0.5) } : {}),
    ...(isTerminal && random.chance(0.3) ? { since: clock.now() - random.whole(0, 10_000) } : {}),
    ...(random.chance(0.5) ? { order: random.pick(['asc', 'desc']) } : {}),
    limit: random.pick([1, 7, 100, 1_000]),
  }
  return { name: 'list', request: query, act: (backend) => listAll(backend, query) }
}

/** All pages: how much one page holds is a backend's own affair. */
export async function listAll(backend: Backend, query: ListQuery): Promise<readonly TaskRecord[]> {
  const records: TaskRecord[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<Backend['list']>> = await backend.list({ ...query, cursor })
    records.push(...page.records)
    cursor = page.cursor
  } while (cursor !== null)
  return records
}

function look(world: World): Command {
  const ids = world.random.some(idsOf(world), 5)
  const act = async (backend: Backend): Promise<unknown> => [
    await backend.get(ids),
    await backend.history.logs(ids),
    await backend.getByKey(keyReferences()),
    await backend.statistics(),
  ]
  return { name: 'look', request: ids, act }
}

/** Clocks step back as well. */
function advance(world: World): Command {
  const { random, clock } = world
  const ms = random.weighted([
    [8, random.whole(0, 2_000)],
    [3, 0],
    [2, random.whole(20_000, 90_000)],
    [1, 900_000],
    [1, -random.whole(1, 10_000)],
  ])
  clock.advance(ms)
  return { name: 'advance', request: ms, act: async () => clock.now() }
}
