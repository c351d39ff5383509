import { STATUSES, storedInput, type Client, type Task, type TaskRecord } from '@millrace/core'
import { checkTask } from './check-task.ts'

/** A record with its input, as the task that it belongs to types it. */
export type EnqueuedRecord<Input> = TaskRecord & { readonly input: Input }

/** Every record of the task that the backend has, whatever became of it, in the order in which they were enqueued. */
export async function enqueuedOf<Input>(
  reader: Client,
  task: Pick<Task<Input, unknown>, 'name' | 'types'>,
): Promise<readonly EnqueuedRecord<Input>[]> {
  const records = await allRecords(reader, checkTask(task).name)
  return records.map((record) => ({ ...record, input: storedInput<Input>(record.kwargs) }))
}

/** By their ids, which sort as enqueued. */
export async function allRecords(reader: Client, taskName?: string): Promise<readonly TaskRecord[]> {
  const found = new Map<string, TaskRecord>()
  for (const view of STATUSES) {
    for await (const record of reader.each({ view, ...(taskName === undefined ? {} : { taskName }) }))
      found.set(record.id, record)
  }
  return [...found.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
