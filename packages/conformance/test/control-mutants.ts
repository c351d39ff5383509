import type { Backend, Controls, Paused, TaskRecord, TurnAnswer, Watch } from '@millrace/core'
import type { Mutant } from './mutant.ts'
import { claiming } from './turn-mutants.ts'

type Changes = Mutant['changes']

const controlling =
  (change: (controls: Controls) => Partial<Controls>): Changes =>
  (inner) => ({ controls: { ...inner.controls, ...change(inner.controls) } })

/** Does something as if nothing were paused. */
async function unpaused<T>({ controls }: Backend, act: () => Promise<T>): Promise<T> {
  const { namespace, queues } = await controls.paused()
  if (!namespace && queues.length === 0) return await act()
  await controls.resume(null)
  await controls.resume(queues)
  const answer = await act()
  await controls.pause(queues)
  if (namespace) await controls.pause(null)
  return answer
}

/** What is due by now and what is to come are told of a paused line, too. */
async function withOutlook(inner: Backend, answer: TurnAnswer): Promise<TurnAnswer> {
  const { records } = await inner.list({ view: 'scheduled' })
  return { ...answer, nextDueAt: answer.nextDueAt ?? records[0]?.scheduledAt ?? null }
}

/** Namespaces whose next hint of work gets lost, by what the clients of a case share. */
const silenced = new WeakSet<object>()

function deafOnce(watch: Watch, seen: object): Watch {
  return {
    async next(request) {
      const hint = await watch.next(request)
      return hint?.kind === 'work' && silenced.delete(seen) ? await watch.next(request) : hint
    },
    close: () => watch.close(),
  }
}

const byTime = (a: TaskRecord, b: TaskRecord): number => a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1)
const strictly = (a: TaskRecord, b: TaskRecord): number => b.priority - a.priority || byTime(a, b)

/** Bugs of pauses and of aging. */
export const CONTROL_MUTANTS: readonly Mutant[] = [
  {
    name: 'a claim by ids does not heed a pause',
    near: ['pause'],
    changes: (inner) => ({
      turn: (request) =>
        request.claim !== undefined && 'ids' in request.claim
          ? unpaused(inner, () => inner.turn(request))
          : inner.turn(request),
    }),
  },
  {
    name: 'a paused line still tells when its next record is due',
    near: ['pause'],
    changes: (inner) => ({ turn: async (request) => await withOutlook(inner, await inner.turn(request)) }),
  },
  {
    name: 'what comes to a paused queue wakes workers',
    near: ['pause'],
    changes: (inner) => ({ enqueue: (requests) => unpaused(inner, () => inner.enqueue(requests)) }),
  },
  {
    name: 'a pause is known to the client alone that made it',
    near: ['pause'],
    changes(inner) {
      const own = { namespace: false, queues: new Set<string>() }
      const holds = ({ queue }: { readonly queue: string }): boolean => own.namespace || own.queues.has(queue)
      return {
        controls: {
          ...inner.controls,
          async pause(queues) {
            own.namespace ||= queues === null
            for (const queue of queues ?? []) own.queues.add(queue)
          },
          paused: async (): Promise<Paused> => ({ ...own, queues: [...own.queues] }),
        },
        turn: (request) =>
          request.claim !== undefined && 'lines' in request.claim
            ? inner.turn({
                ...request,
                claim: { ...request.claim, lines: request.claim.lines.filter((line) => !holds(line)) },
              })
            : inner.turn(request),
      }
    },
  },
  {
    name: 'pausing a queue pauses those whose names begin alike',
    near: ['pause'],
    changes: controlling(({ pause }) => ({
      pause: (queues) => pause(queues === null ? null : [...queues, ...queues.map((queue) => `${queue}er`)]),
    })),
  },
  {
    name: 'pausing the namespace overwrites what was said of its queues',
    near: ['resume'],
    changes: controlling(({ pause, resume, paused }) => ({
      async pause(queues) {
        if (queues === null) await resume((await paused()).queues)
        await pause(queues)
      },
    })),
  },
  {
    name: 'resuming the namespace resumes its queues',
    near: ['resume'],
    changes: controlling(({ resume, paused }) => ({
      async resume(queues) {
        if (queues === null) await resume((await paused()).queues)
        await resume(queues)
      },
    })),
  },
  {
    name: 'no queue, named as an empty list, is the namespace',
    near: ['pause'],
    changes: controlling(({ pause }) => ({ pause: (queues) => pause(queues?.length === 0 ? null : queues) })),
  },
  {
    name: 'the hint of a resume gets lost',
    near: ['resume'],
    changes: (inner, seen) => ({
      controls: {
        ...inner.controls,
        async resume(queues) {
          silenced.add(seen)
          await inner.controls.resume(queues)
        },
      },
      watch: async (request) => deafOnce(await inner.watch(request), seen),
    }),
  },
  {
    name: 'statistics show nothing as paused',
    near: ['pause'],
    changes: (inner) => ({
      async statistics(query) {
        const statistics = await inner.statistics(query)
        return { ...statistics, queues: statistics.queues.map((one) => ({ ...one, paused: false })) }
      },
    }),
  },
  {
    name: 'pauses survive the removal of everything',
    near: ['pause'],
    changes: (inner) => ({
      async destroy() {
        const { queues } = await inner.controls.paused()
        await inner.destroy()
        await inner.controls.pause(queues)
      },
    }),
  },
  { name: 'priorities do not age', near: ['aging'], changes: claiming(strictly) },
  { name: 'waiting is all that counts', near: ['aging'], changes: claiming(byTime) },
  {
    name: 'priorities do not age where a claim is over several lines',
    near: ['aging'],
    changes: (inner, seen) => {
      const { turn } = claiming(strictly)(inner, seen)
      return {
        turn: (request) =>
          turn !== undefined &&
          request.claim !== undefined &&
          'lines' in request.claim &&
          request.claim.lines.length > 1
            ? turn(request)
            : inner.turn(request),
      }
    },
  },
  {
    name: 'who was told of another aging is let in',
    near: ['aging'],
    changes: () => ({ open: async () => {} }),
  },
]
