import { guardBackend } from '@millrace/core'
import { describeBackend } from '@millrace/conformance'
import { lineName } from '../backends/naive/row.ts'
import { naiveBackend, NaiveBackend } from '../backends/naive/naive-backend.ts'
import type { Store } from '../backends/naive/store.ts'

const server = new Map<string, Store>()

describeBackend('naive', async (options) => {
  const inner = new NaiveBackend({ server, ...options })
  const { store } = inner
  return {
    backend: guardBackend(inner),
    second: naiveBackend({ server, ...options }),
    break: {
      dropConnections: async () => inner.dropConnections(),
      swallowNextReply: async () => inner.swallowNextReply(),
      forgetIndex: async (id) => {
        const row = store.row(id)
        if (row !== null) store.drop(id, lineName(row))
      },
      forgetRecord: async (id) => void store.texts.delete(id),
      writeGarbage: async (id) => void store.texts.set(id, '{"id":"'),
    },
  }
})
