import { createRequire, registerHooks } from 'node:module'

// ioredis-mock asks for ioredis 5 and reaches into it; beside it here is ioredis 6.
registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('ioredis/') || !context.parentURL?.includes('/ioredis-mock/'))
      return next(specifier, context)
    return next(specifier.replace('ioredis/', 'ioredis5/'), { ...context, parentURL: import.meta.url })
  },
})

interface Mock {
  connected: boolean
  readonly options: object
  pipeline(commands: unknown[][]): { exec(): Promise<[Error | null, unknown][]> }
  on(event: string, listener: (...args: never[]) => void): this
  off(event: string, listener: (...args: never[]) => void): this
  quit(): Promise<unknown>
  disconnect(): void
}
const require = createRequire(import.meta.url)
const Mock: new (options?: object) => Mock = require('ioredis-mock')

/**
 * ioredis-mock with what it lacks of ioredis. It shows how the adapter is wired, and no more: it has no BZPOPMIN and no CLIENT, its Lua is
 * another language than a server's, and it fails in silence, so whatever the engine does is tried on real servers only.
 */
export class MockClient extends Mock {
  static readonly made: MockClient[] = []
  readonly isCluster = false
  readonly given: object
  readonly status = 'ready'

  constructor(options: object = {}) {
    super({ ...options, lazyConnect: false })
    this.given = options
    MockClient.made.push(this)
  }

  call(name: string, args: (string | number)[]): Promise<unknown> {
    const method: unknown = Reflect.get(this, name)
    return typeof method === 'function'
      ? method.apply(this, args)
      : Promise.reject(new Error(`the mock has no ${name}`))
  }

  override pipeline(commands: unknown[][]): ReturnType<Mock['pipeline']> {
    return super.pipeline(commands.map(([, name, args]) => [name, ...(Array.isArray(args) ? args : [])]))
  }

  duplicate(options: object): MockClient {
    return new MockClient({ ...this.given, ...options })
  }
}
