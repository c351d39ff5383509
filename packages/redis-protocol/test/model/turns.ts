import {
  DEFAULT_LIMITS,
  encodeNote,
  encodeResult,
  type Claim,
  type ClaimLine,
  type Fence,
  type HeldAttempt,
  type Note,
  type Settlement,
  type Touch,
  type TurnRequest,
} from '@millrace/core'
import { someText } from './requests.ts'
import { idsOf, PLACES, QUEUES, WORKERS, type World } from './world.ts'

/** A turn of some slot: anything that a worker could ask for, and much that it should not. */
export function newTurn(world: World): TurnRequest {
  const { random, attempts } = world
  const workerId = random.pick(WORKERS)
  const slot = random.whole(0, 1)
  const before = world.turns.get(`${workerId}#${slot}`)
  const recent = attempts.slice(-random.pick([5, 30, 400]))
  const isGoodbye = random.chance(0.04)
  const many = random.chance(0.03) ? 450 : 4
  const request: TurnRequest = {
    workerId,
    slot,
    nonce: before !== undefined && random.chance(0.08) ? before.nonce : world.makeNonce(),
    ...(random.chance(0.6)
      ? { settlements: random.some(recent, many).map((held) => someSettlement(world, held)) }
      : {}),
    ...(isGoodbye || random.chance(0.25) ? {} : { claim: someClaim(world) }),
    ...(random.chance(0.4) ? { touches: random.some(recent, many).map((held) => someTouch(world, held)) } : {}),
    ...(isGoodbye ? { presence: null } : random.chance(0.1) ? { presence: somePresence() } : {}),
  }
  world.turns.set(`${workerId}#${slot}`, request)
  return request
}

function someSettlement(world: World, held: HeldAttempt): Settlement {
  const { random } = world
  const act = {
    id: held.id,
    attempt: fenceOf(world, held),
    ...(random.chance(0.15) ? { log: someLog(world) } : {}),
    ...(random.chance(0.15) ? { progress: encodeResult(someResult(world), DEFAULT_LIMITS) } : {}),
  }
  return random.weighted<() => Settlement>([
    [6, () => ({ ...act, outcome: 'complete', result: encodeResult(someResult(world), DEFAULT_LIMITS) })],
    [4, () => ({ ...act, outcome: 'fail', ...someFailure(world) })],
    [1, () => ({ ...act, outcome: 'snooze', delayMs: random.pick([0, 1, 2_000]) })],
    [2, () => ({ ...act, outcome: 'release' })],
  ])()
}

function someFailure(world: World): { readonly error: string; readonly retryInMs: number | null } {
  const { random } = world
  return {
    error: JSON.stringify({ name: 'RangeError', message: someText(world) }),
    retryInMs: random.pick([null, 0, 0, 1, 1_000]),
  }
}

function someResult(world: World): unknown {
  return world.random.chance(0.4) ? null : { said: someText(world) }
}

function someTouch(world: World, held: HeldAttempt): Touch {
  const { random } = world
  return {
    id: held.id,
    attempt: fenceOf(world, held),
    ...(random.chance(0.3) ? { alive: random.chance(0.5) } : {}),
    ...(random.chance(0.3) ? { progress: encodeResult(someResult(world), DEFAULT_LIMITS) } : {}),
    ...(random.chance(0.3) ? { log: someLog(world) } : {}),
  }
}

/** Numbers that grow, also ones that were there before; texts of which few have room together. */
function someLog(world: World): readonly Note[] {
  const { random } = world
  const first = random.whole(1, 40)
  return Array.from({ length: random.whole(0, 4) }, (_, i) => ({
    number: first + 2 * i,
    agoMs: random.pick([0, 1, 5_000]),
    text: encodeNote(
      random.chance(0.1) ? '\u20ac'.repeat(300) : someText(world),
      random.pick([undefined, null, [1]]),
      5,
    ),
  }))
}

function fenceOf({ random }: World, { attempt }: HeldAttempt): Fence {
  return random.weighted<Fence>([
    [12, attempt],
    [1, attempt + 1],
    [1, 'any'],
  ])
}

function someClaim(world: World): Claim {
  const { random } = world
  if (random.chance(0.15)) return { ids: random.some(idsOf(world).slice(-400), random.chance(0.05) ? 450 : 4) }
  const all = QUEUES.flatMap((queue) => PLACES.map((executionBackend) => ({ queue, executionBackend })))
  const lines = all
    .filter(() => random.chance(0.5))
    .map((line): ClaimLine => (random.chance(0.2) ? { ...line, limit: random.pick([0, 1, 2, 210]) } : line))
    .toSorted(() => (random.chance(0.5) ? 1 : -1))
  return {
    lines,
    limit: random.chance(0.06) ? random.whole(190, 700) : random.whole(0, 5),
    ...(random.chance(0.4) ? { order: random.pick(['listed', 'priority']) } : {}),
  }
}

function somePresence(): NonNullable<TurnRequest['presence']> {
  return { host: 'here\u2028"there"', pid: 7, concurrency: 3, lines: [{ queue: 'mail', executionBackend: 'local' }] }
}
