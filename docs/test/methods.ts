import { guardBackend, type Backend } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'

/** Every method of a backend by name, those of its parts with the part's: `history.logs`. */
export function methodNames(): readonly string[] {
  const backend: Backend = guardBackend(memoryBackend())
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(backend))
  const parts = Object.entries(backend).flatMap(([part, methods]) =>
    Object.keys(Object(methods)).map((name) => `${part}.${name}`),
  )
  return [...own.filter((name) => !['constructor', 'capabilities'].includes(name)), ...parts]
}
