import type { Backend, KeyReference, TaskRequest } from '@millrace/core'
import type { Mutant } from './mutant.ts'

const NEAR = ['key holds', 'key conflicts', 'key resets']

/** Every request is asked for in another way. */
function asking(name: string, ask: (request: TaskRequest) => Partial<TaskRequest>): Mutant {
  const changes = (inner: Backend): Partial<Backend> => ({
    enqueue: (requests) => inner.enqueue(requests.map((request) => ({ ...request, ...ask(request) }))),
  })
  return { name, near: NEAR, changes }
}

function referenceOf({ key, keyScope, taskName }: TaskRequest): KeyReference | null {
  if (key === null) return null
  return keyScope === 'task' ? { scope: 'task', taskName, key } : { scope: 'namespace', key }
}

/** After a cleanup, keys of requests like these are free where their record is gone. */
function forgetting(name: string, isForgotten: (request: TaskRequest) => boolean): Mutant {
  return {
    name,
    near: NEAR,
    changes(inner) {
      const keys: KeyReference[] = []
      return {
        async enqueue(requests) {
          keys.push(...requests.filter(isForgotten).flatMap((request) => referenceOf(request) ?? []))
          return await inner.enqueue(requests)
        },
        async sweep(request) {
          const result = await inner.sweep(request)
          for (const key of request.what === 'finished' ? keys : []) {
            const [record] = await inner.getByKey([key])
            if (record === null) await inner.controls.resetKeys([key])
          }
          return result
        },
      }
    },
  }
}

/** Bugs of what keeps others off a key, and for how long. */
export const KEY_MUTANTS: readonly Mutant[] = [
  asking('a window is a millisecond too long', ({ keyWindowMs }) =>
    keyWindowMs === null ? {} : { keyWindowMs: keyWindowMs + 1 },
  ),
  asking('a window ends with its record', ({ keyHold }) =>
    keyHold === 'window' ? { keyHold: 'active', keyWindowMs: null } : {},
  ),
  {
    name: 'a window counts from the end of its record',
    near: NEAR,
    changes(inner) {
      const windows = new Map<string, number>()
      return {
        async enqueue(requests) {
          const { at } = await inner.statistics()
          for (const { id, keyWindowMs } of requests) if (keyWindowMs !== null) windows.set(id, keyWindowMs)
          return await Promise.all(
            requests.map(async (request) => {
              const key = referenceOf(request)
              const [record] = key === null ? [] : await inner.getByKey([key])
              const length = windows.get(record?.id ?? '')
              const ended = record?.completedAt ?? null
              if (record && length !== undefined && ended !== null && at < ended + length)
                return { outcome: 'existing', record } as const
              const [result] = await inner.enqueue([request])
              if (result === undefined) throw new TypeError('a request was not answered')
              return result
            }),
          )
        },
      }
    },
  },
  forgetting('forever ends with the cleanup', ({ keyHold }) => keyHold === 'forever'),
  forgetting('a window ends with the cleanup', ({ keyHold }) => keyHold === 'window'),
  asking('a key held until the start is held until the end', ({ keyHold }) =>
    keyHold === 'untilStart' ? { keyHold: 'active' } : {},
  ),
  asking('extend does not begin anew', ({ onConflict }) => (onConflict === 'extend' ? { onConflict: 'replace' } : {})),
  asking('a delay begins anew to replace, too', ({ onConflict }) =>
    onConflict === 'replace' ? { onConflict: 'extend' } : {},
  ),
  {
    name: 'another hold ends forever',
    near: NEAR,
    changes: (inner) => ({
      async enqueue(requests) {
        for (const request of requests) {
          const key = referenceOf(request)
          if (key !== null && request.onConflict !== 'keep') await inner.controls.resetKeys([key])
        }
        return await inner.enqueue(requests)
      },
    }),
  },
  {
    name: 'a reset frees the key of an active holder',
    near: NEAR,
    changes: (inner) => ({
      controls: {
        ...inner.controls,
        async resetKeys(keys) {
          const answers = await inner.controls.resetKeys(keys)
          for (const record of await inner.getByKey(keys))
            if (record !== null) await inner.cancel({ ids: [record.id], includeRunning: true })
          return answers.map((answer) => (answer === 'refused' ? 'reset' : answer))
        },
      },
    }),
  },
  {
    name: 'a reset does nothing but say so',
    near: NEAR,
    changes: (inner) => ({ controls: { ...inner.controls, resetKeys: async (keys) => keys.map(() => 'reset') } }),
  },
]
