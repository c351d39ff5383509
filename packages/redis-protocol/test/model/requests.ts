import { DEFAULT_LIMITS, encodeBody, taskRequest, type KeyHold, type TaskRequest } from '@millrace/core'
import { KEYS, PLACES, QUEUES, TASKS, type World } from './world.ts'

const TEXTS = [
  '',
  'plain',
  'line\nbreak\ttab \u0000\u001d\u001e\u001f\u007f\u0085\u2028 "\\',
  '😀 ü',
  '\ud800',
] as const

/** Small enough for a record's own text, or not. */
export function someText({ random }: World): string {
  const text = random.pick(TEXTS)
  return random.chance(0.3) ? text.padEnd(random.whole(500, 1_500), 'x') : text
}

export function newRequest(world: World): TaskRequest {
  const { random, makeId } = world
  const body = encodeBody({ kwargs: { text: someText(world) } }, DEFAULT_LIMITS)
  return taskRequest(
    {
      id: makeId(),
      taskName: random.pick(TASKS),
      queue: random.pick(QUEUES),
      executionBackend: random.chance(0.8) ? 'local' : random.pick(PLACES),
      executionProfile: random.chance(0.1) ? 'large\n' : null,
      body,
      priority: random.chance(0.6) ? 0 : random.pick([1, 2, -1, 4_096, -4_096]),
      onConflict: random.pick(['keep', 'replace', 'extend']),
      ...(random.chance(0.35) ? someHold(world) : {}),
      maxRetries: random.whole(0, 2),
      maxRecoveries: random.pick([3, 1, 0]),
      requeueOnStale: random.chance(0.8),
      ...someTiming(world),
    },
    DEFAULT_LIMITS,
  )
}

/** Many at once and small, for calls that need several scripts. */
export function plainRequest({ random, makeId }: World): TaskRequest {
  return taskRequest(
    { id: makeId(), taskName: 'image.resize', body: '{}', queue: random.pick(['bulk', 'mail']) },
    DEFAULT_LIMITS,
  )
}

function someHold({ random }: World): Partial<TaskRequest> {
  const keyScope = random.pick(['task', 'namespace'] as const)
  const keyHold = random.weighted<KeyHold>([
    [5, 'active'],
    [3, 'untilStart'],
    [3, 'window'],
    [1, 'forever'],
  ])
  const keyWindowMs = keyHold === 'window' ? random.pick([1, 1_000, 60_000, 1_000_000]) : null
  return { key: random.pick(KEYS), keyScope, keyHold, keyWindowMs }
}

function someTiming({ random, clock }: World): Partial<TaskRequest> {
  const due = random.weighted<Partial<TaskRequest>>([
    [6, {}],
    [2, { delayMs: random.pick([0, 1, 500, 5_000]) }],
    [1, { scheduledAt: clock.now() + random.whole(-5_000, 5_000) }],
  ])
  const deadline = random.weighted<Partial<TaskRequest>>([
    [7, {}],
    [2, { expiresInMs: random.pick([0, 100, 3_000, 60_000]) }],
    [1, { expiresAt: clock.now() + random.whole(-1_000, 5_000) }],
  ])
  return { ...due, ...deadline }
}
