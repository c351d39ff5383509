import type { Client, EnqueueOptions, JsonCompatible, Task } from '@millrace/core'

/**
 * Enqueue, unless a record with this key is there, also a finished one: a handler that runs again must not repeat what its first run set
 * going. While a record is unfinished its key alone sees to that.
 */
export async function enqueueOnce<Input, Output>(
  client: Client,
  task: Task<Input, Output>,
  input: JsonCompatible<Input>,
  options: EnqueueOptions & { readonly key: string },
): Promise<void> {
  if ((await client.getByKey(options.key, task)) === null) await client.enqueue(task, input, options)
}
