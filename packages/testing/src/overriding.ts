import type { Backend } from '@millrace/core'

/** The backend with some of its methods replaced. */
export function overriding(backend: Backend, methods: Partial<Backend>): Backend {
  return new Proxy(backend, {
    get(target, name): unknown {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name)
      const member: unknown = Reflect.get(target, name, target)
      // A backend may keep what it has in private fields, which its proxy does not have.
      return typeof member === 'function'
        ? (...call: readonly unknown[]): unknown => Reflect.apply(member, target, call)
        : member
    },
  })
}
