import { invalidArgument } from '@millrace/core'
import { Namespace } from './namespace.ts'

/** What several memory backends share, as clients share a server. Made by `memoryStore`; lives as long as somebody refers to it. */
export interface MemoryStore {
  /** The namespaces that exist: used, and not destroyed since. */
  readonly namespaces: readonly string[]
}

const contents = new WeakMap<MemoryStore, Map<string, Namespace>>()

export function memoryStore(): MemoryStore {
  const namespaces = new Map<string, Namespace>()
  const store: MemoryStore = {
    get namespaces() {
      return [...namespaces.keys()]
    },
  }
  contents.set(store, namespaces)
  return store
}

/** @throws QueueError `invalid_argument` for anything that `memoryStore` did not make. */
export function namespacesOf(store: MemoryStore): Map<string, Namespace> {
  const namespaces = contents.get(store)
  if (namespaces === undefined) throw invalidArgument('memory.store', 'must be made by memoryStore()')
  return namespaces
}

/** The namespace of this name, at its first use an empty one. */
export function namespaceIn(namespaces: Map<string, Namespace>, name: string): Namespace {
  const namespace = namespaces.get(name) ?? new Namespace()
  namespaces.set(name, namespace)
  return namespace
}
