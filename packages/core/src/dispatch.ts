import type { Assignment, Backend } from './backend.ts'
import { checkName, checkObject, checkText } from './check.ts'
import { MAX_NAME_LENGTH } from './limits.ts'
import type { ActResult, Fence } from './turn.ts'

/** A record as its dispatcher last saw it; a record is one, too. */
export interface DispatchRef {
  readonly id: string
  readonly attempt: Fence
}

/**
 * Running records in an external system: reserve, launch, finalize, or release if the launch failed. A record with a reference is
 * left alone by workers and by `next`; the external job claims it by its id. Each act is a compare-and-set: `lost` means that
 * somebody else acted first. A retry or a recovery takes the reference away, so that the record is dispatched again.
 */
export interface Dispatch {
  /** Before launching: of racing dispatchers one gets `ok`. `token` is this launch's own. */
  reserveDispatch(record: DispatchRef, token: string): Promise<ActResult>
  /** After launching: the reservation becomes the external job's reference. */
  finalizeDispatch(record: DispatchRef, token: string, executionRef: string): Promise<ActResult>
  /** The launch failed: anybody may try again, also on another execution backend. */
  releaseDispatch(record: DispatchRef, token: string, executionBackend?: string): Promise<ActResult>
  /** Overwrite the reference, whatever it is. */
  setExecutionRef(
    record: DispatchRef,
    executionRef: string | null,
    executionProfile?: string | null,
  ): Promise<ActResult>
  /** Move a waiting record to another execution backend; its reference is taken away. */
  setExecutionBackend(
    record: DispatchRef,
    executionBackend: string,
    executionProfile?: string | null,
  ): Promise<ActResult>
}

export function dispatchOn(backend: Backend): Dispatch {
  async function assign(record: DispatchRef, change: Omit<Assignment, 'id' | 'attempt'>): Promise<ActResult> {
    const { id, attempt } = checkObject('record', record)
    const [result = { id, outcome: 'missing', status: null }] = await backend.assign([{ id, attempt, ...change }])
    return result
  }

  const profile = (executionProfile: string | null | undefined): Pick<Assignment, 'executionProfile'> =>
    executionProfile === undefined ? {} : { executionProfile }

  /** A token that is missing would not be compared at all, and the act would overwrite what another dispatcher did. */
  const own = (token: string): string => checkText('token', token, MAX_NAME_LENGTH)

  return {
    async reserveDispatch(record, token) {
      return await assign(record, { expectedRef: null, executionRef: own(token) })
    },
    async finalizeDispatch(record, token, executionRef) {
      return await assign(record, { expectedRef: own(token), executionRef })
    },
    async releaseDispatch(record, token, executionBackend) {
      const move = executionBackend === undefined ? {} : { executionBackend }
      return await assign(record, { expectedRef: own(token), executionRef: null, ...move })
    },
    async setExecutionRef(record, executionRef, executionProfile) {
      return await assign(record, { executionRef, ...profile(executionProfile) })
    },
    async setExecutionBackend(record, executionBackend, executionProfile) {
      checkName('executionBackend', executionBackend)
      return await assign(record, { executionRef: null, executionBackend, ...profile(executionProfile) })
    },
  }
}
