import type { Client, EnqueueOptions, JsonCompatible, Task } from '@millrace/core'

/** Longer than any inventory takes, and than anybody waits before he replays one. */
const ONCE = { window: '7d' } as const

/**
 * Enqueue, unless that was done with this key before, whatever became of it: a handler that runs again must not repeat what its first run set
 * going.
 */
export async function enqueueOnce<Input, Output>(
  client: Client,
  task: Task<Input, Output>,
  input: JsonCompatible<Input>,
  options: EnqueueOptions & { readonly key: string },
): Promise<void> {
  await client.enqueue(task, input, { ...options, keyHold: ONCE })
}
