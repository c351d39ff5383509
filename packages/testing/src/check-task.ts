import { invalidArgument, type Task } from '@millrace/core'

/** What is given in the place of a task, by somebody whose compiler does not look. @throws QueueError `invalid_argument` */
export function checkTask<T extends Pick<Task<never, unknown>, 'name'>>(task: T): T {
  if (typeof task !== 'object' || task === null || typeof task.name !== 'string')
    throw invalidArgument('task', 'must be a task: task(name, options)')
  return task
}
