import type { Status } from '@millrace/core'
import type { Namespace } from './namespace.ts'

interface Act {
  readonly id: string
}

interface Answer<O> {
  readonly id: string
  readonly outcome: O
  readonly status: Status | null
}

/** Does each act in order and answers with its outcome and with the status that its record has then. */
export function actOnEach<A extends Act, O>(
  { namespace, now }: { readonly namespace: Namespace; readonly now: number },
  acts: readonly A[],
  act: (one: A) => O,
): readonly Answer<O>[] {
  return acts.map((one) => {
    const outcome = act(one)
    return { id: one.id, outcome, status: namespace.statusOf(one.id, now) }
  })
}
