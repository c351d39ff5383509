import type { Backend, Settlement, TurnAnswer, TurnRequest } from '@millrace/core'

/** What a worker that is told to stop may do wrong, and what is said of it then. */
export const BUGS: readonly (readonly [bug: string, complaint: RegExp])[] = [
  ['it dies at once', /ended by SIGKILL/],
  ['what it gives back consumes a retry', /retryCount 1/],
  ['what it gives back counts as a crash', /recoveries 1/],
  ['it gives back what had finished', /began again although attempt \d+ had finished/],
  ['it drops what had finished', /began again although attempt \d+ had finished/],
  ['careless', /ended with code 0 and not 1/],
]

/** The same backend, seen by a worker with a bug. */
export function buggy(backend: Backend, bug: string): Backend {
  let isStopping = false
  process.on('SIGTERM', () => {
    isStopping = true
    if (bug === 'it dies at once') process.kill(process.pid, 'SIGKILL')
  })

  async function turn(request: TurnRequest): Promise<TurnAnswer> {
    const { settlements } = request
    if (!isStopping || settlements === undefined) return await backend.turn(request)
    const dropped = new Set(settlements.filter((one) => isDropped(one, bug)))
    const kept = settlements.filter((one) => !dropped.has(one)).map((one) => changed(one, bug))
    const answer = await backend.turn({ ...request, settlements: kept })
    const settled = [...answer.settled]
    return {
      ...answer,
      settled: settlements.map((one) =>
        dropped.has(one) ? { id: one.id, outcome: 'ok', status: null } : (settled.shift() ?? missing(one)),
      ),
    }
  }

  return new Proxy(backend, {
    get(target, name) {
      if (name === 'turn') return turn
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

function isDropped({ outcome }: Settlement, bug: string): boolean {
  return (
    (bug === 'it drops what had finished' && outcome === 'complete') ||
    (bug === 'what it gives back counts as a crash' && outcome === 'release')
  )
}

function changed(one: Settlement, bug: string): Settlement {
  const { id, attempt, outcome } = one
  if (bug === 'it gives back what had finished' && outcome === 'complete') return { outcome: 'release', id, attempt }
  if (bug === 'what it gives back consumes a retry' && outcome === 'release')
    return { outcome: 'fail', id, attempt, error: '{"name":"Error","message":"stopped"}', retryInMs: 0 }
  return one
}

function missing({ id }: Settlement): TurnAnswer['settled'][number] {
  return { id, outcome: 'missing', status: null }
}
