import {
  checkOptions,
  invalidArgument,
  STATUS,
  TaskOutcomeError,
  type EnqueueOptions,
  type HandledTask,
  type JsonCompatible,
} from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { checkTask } from './check-task.ts'
import { createStand, type StandParts } from './stand.ts'

export type RunOptions = Pick<EnqueueOptions, 'key' | 'priority' | 'args' | 'metadata'>

/**
 * One attempt of one handler on the whole way of a record: checked, stored as JSON, claimed, parsed, run, its result stored and read. On a memory
 * backend of its own, so that nothing else runs and nothing stays.
 */
export async function runOne<Input, Output>(
  parts: Omit<StandParts, 'backend' | 'tasks' | 'mode' | 'throws'>,
  task: HandledTask<Input, Output>,
  given: { readonly input: JsonCompatible<Input>; readonly options: RunOptions },
): Promise<Output> {
  checkOptions('options', given.options, ['key', 'priority', 'args', 'metadata'])
  if (typeof checkTask(task).prepare !== 'function')
    throw invalidArgument('task', `must have a handler: ${task.name} needs .handle(run)`)
  const { executionBackend } = task.options
  const backend = memoryBackend({ clock: parts.timeline.inner })
  const worker = { ...parts.worker, executionBackend, queues: [task.options.queue] }
  const stand = createStand({ ...parts, worker, backend, tasks: () => [task], mode: 'queued', throws: 'everything' })
  try {
    const { id } = await stand.client.enqueue(task, given.input, { ...given.options, retries: 0 })
    await stand.acting(() => stand.drive.settleRecords([id]))
    const record = await stand.reader.get(id)
    if (record?.status !== STATUS.completed) throw new TaskOutcomeError(id, record)
    return await task.readOutput(record.result)
  } finally {
    await stand.crew?.end()
    await backend.close()
  }
}
