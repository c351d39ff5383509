import {
  QueueError,
  type Backend,
  type Clock,
  type Hint,
  type TurnAnswer,
  type TurnRequest,
  type Watch,
} from '@millrace/core'

/**
 * `pass`: no fault. `refuse`: nothing happens, and the error says so. `forbid`: the same, and repeating cannot help. `drop`: nothing happens, but it might
 * have. `lose`: it happens, and the reply is lost. `hang`: nothing happens, and no reply ever comes. `mute`: it happens, and no reply ever
 * comes. `hold`: waits for `release`. `late`: it happens, and its reply waits for `release`. `baffle`: throws what is no error and has no text.
 */
type Fault = 'pass' | 'late' | 'refuse' | 'forbid' | 'drop' | 'lose' | 'hang' | 'mute' | 'hold' | 'baffle'

type Method = Extract<keyof Backend, 'open' | 'turn' | 'sweep' | 'watch'>

interface Call {
  readonly method: string
  readonly argument: unknown
  readonly at: number
}

/** A backend with faults on order, which remembers what it was asked. */
export interface Tap {
  readonly backend: Backend
  readonly calls: Call[]
  readonly turns: TurnRequest[]
  readonly openWatches: number
  /** The next calls of a method, one fault each. */
  next(method: Method, ...faults: Fault[]): void
  /** Every call of the methods, until `heal`. */
  always(fault: Fault, ...methods: Method[]): void
  /** No more faults; what is held goes on. */
  heal(): void
  release(): void
  /** What every turn answers is changed on its way. */
  answers(change: (answer: TurnAnswer) => TurnAnswer): void
  /** Every watch gives this hint whenever it is asked. */
  hints(hint: Hint): void
  /** Aborted waits do not make the turns that they carry. */
  dropsCarried(): void
}

export function tap(inner: Backend, clock: Clock): Tap {
  const calls: Call[] = []
  const ordered = new Map<string, Fault[]>()
  const standing = new Map<string, Fault>()
  let held: (() => void)[] = []
  let openWatches = 0
  let change = (answer: TurnAnswer): TurnAnswer => answer
  let falseHint: Hint | null = null
  let carriesOn = true

  async function call(method: string, argument: unknown, act: () => unknown): Promise<unknown> {
    calls.push({ method, argument, at: clock.now() })
    const fault = ordered.get(method)?.shift() ?? standing.get(method)
    switch (fault) {
      case undefined:
      case 'pass':
        break
      case 'refuse':
        throw new QueueError('connection', `${method} was refused`)
      case 'forbid':
        throw new QueueError('permission', `${method} is forbidden`)
      case 'drop':
        throw new QueueError('connection', `${method} was dropped`, { indeterminate: true })
      case 'lose':
        await act()
        throw new QueueError('connection', `the reply of ${method} was lost`, { indeterminate: true })
      case 'hang':
        return await new Promise(() => undefined)
      case 'mute':
        await act()
        return await new Promise(() => undefined)
      case 'late': {
        const answer = await act()
        await new Promise<void>((resolve) => held.push(resolve))
        return answer
      }
      case 'baffle':
        // oxlint-disable-next-line only-throw-error -- drivers do
        throw Object.create(null)
      case 'hold':
        await new Promise<void>((resolve) => held.push(resolve))
    }
    const answer = await act()
    if (method === 'turn') return change(answer as TurnAnswer)
    return method === 'watch' ? counted(answer as Watch) : answer
  }

  function counted(watch: Watch): Watch {
    let isOpen = true
    openWatches += 1
    return {
      async next({ turn, ...request } = {}) {
        if (falseHint !== null) return falseHint
        const hint = await watch.next(request)
        // The memory's waits leave it alone when they are aborted; a server makes it then as well.
        const isMade = hint?.kind === 'work' || (hint === null && request.signal?.aborted === true && carriesOn)
        if (turn === undefined || !isMade) return hint
        // A turn like any other, with the faults that are ordered for turns.
        const answer = await call('turn', turn, () => inner.turn(turn))
        return { kind: 'work', answer: answer as TurnAnswer }
      },
      async close() {
        if (isOpen) openWatches -= 1
        isOpen = false
        await watch.close()
      },
    }
  }

  const backend = new Proxy(inner, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...parameters: unknown[]) =>
        call(String(name), parameters[0], () => Reflect.apply(member, target, parameters))
    },
  })

  return {
    backend,
    calls,
    get turns() {
      return calls.filter(({ method }) => method === 'turn').map(({ argument }) => argument as TurnRequest)
    },
    get openWatches() {
      return openWatches
    },
    next: (method, ...faults) => void ordered.set(method, [...(ordered.get(method) ?? []), ...faults]),
    always(fault, ...methods) {
      for (const method of methods) standing.set(method, fault)
    },
    heal() {
      ordered.clear()
      standing.clear()
      falseHint = null
      this.release()
    },
    release() {
      for (const go of held) go()
      held = []
    },
    answers: (wanted) => void (change = wanted),
    hints: (hint) => void (falseHint = hint),
    dropsCarried: () => void (carriesOn = false),
  }
}
