import { DEFAULT_LIMITS, type Backend, type Controls, type Limits } from '@millrace/core'

type MethodName = Exclude<
  { [K in keyof Backend]: NonNullable<Backend[K]> extends (...p: never[]) => unknown ? K : never }[keyof Backend],
  undefined
>

/** One call of a backend: what was called, with what. */
interface Call {
  readonly method: string
  readonly parameters: readonly unknown[]
}

export interface Recording {
  readonly backend: Backend
  readonly calls: Call[]
  /** The names of the methods called, in order. */
  methods(): readonly string[]
}

type Answers = { readonly [K in MethodName]?: Backend[K] }

/** A backend that does nothing but note its calls and answer as told; a call without an answer fails. */
export function recordingBackend(answers: Answers = {}, limits: Partial<Limits> = {}): Recording {
  const calls: Call[] = []

  function method(name: MethodName): (...parameters: readonly unknown[]) => unknown {
    return (...parameters) => {
      calls.push({ method: name, parameters })
      const answer: unknown = answers[name]
      if (typeof answer === 'function') return Reflect.apply(answer, undefined, parameters)
      if (name === 'open' || name === 'close') return Promise.resolve()
      return Promise.reject(new Error(`no answer for ${name}`))
    }
  }

  /** Controls need no answer: each does what it should. */
  function control(name: keyof Controls): (...parameters: readonly unknown[]) => Promise<unknown> {
    return async (...parameters) => {
      calls.push({ method: `controls.${name}`, parameters })
      return name === 'paused' ? { namespace: false, queues: [] } : undefined
    }
  }

  const names: readonly MethodName[] = [
    'open', 'close', 'enqueue', 'get', 'getByKey', 'list', 'turn', 'cancel', 'sweep', 'assign', 'statistics', 'watch', 'lease', 'replay',
    'audit', 'destroy',
  ] // prettier-ignore
  const capabilities = {
    name: 'recording',
    durable: false,
    shared: false,
    limits: { ...DEFAULT_LIMITS, ...limits },
    resendWindowMs: 600_000,
  }
  const backend = {
    capabilities,
    controls: { pause: control('pause'), resume: control('resume'), paused: control('paused') },
    ...Object.fromEntries(names.map((name) => [name, method(name)])),
  } as unknown as Backend
  return { backend, calls, methods: () => calls.map((call) => call.method) }
}
