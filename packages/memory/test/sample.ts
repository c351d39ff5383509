import {
  createIdMaker,
  DEFAULT_LIMITS,
  encodeBody,
  manualClock,
  taskRequest,
  type TaskRequest,
  type TaskRequestFields,
} from '@millrace/core'

const makeId = createIdMaker(manualClock())

export const LINE = { queue: 'default', executionBackend: 'local' }

/** A request of no interest but for the given fields. */
export function sampleRequest(fields: Partial<TaskRequestFields> & { readonly kwargs?: object } = {}): TaskRequest {
  const { kwargs = {}, ...rest } = fields
  return taskRequest(
    { id: makeId(), taskName: 'sample', body: encodeBody({ kwargs }, DEFAULT_LIMITS), ...rest },
    DEFAULT_LIMITS,
  )
}
