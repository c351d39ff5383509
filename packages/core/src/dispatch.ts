import type { Assignment, Backend } from './backend.ts'
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
  async function assign(assignment: Assignment): Promise<ActResult> {
    const [result = { id: assignment.id, outcome: 'missing', status: null }] = await backend.assign([assignment])
    return result
  }

  const profile = (executionProfile: string | null | undefined): Pick<Assignment, 'executionProfile'> =>
    executionProfile === undefined ? {} : { executionProfile }

  return {
    reserveDispatch: ({ id, attempt }, token) => assign({ id, attempt, expectedRef: null, executionRef: token }),
    finalizeDispatch: ({ id, attempt }, token, executionRef) =>
      assign({ id, attempt, expectedRef: token, executionRef }),
    releaseDispatch: ({ id, attempt }, token, executionBackend) =>
      assign({
        id,
        attempt,
        expectedRef: token,
        executionRef: null,
        ...(executionBackend === undefined ? {} : { executionBackend }),
      }),
    setExecutionRef: ({ id, attempt }, executionRef, executionProfile) =>
      assign({ id, attempt, executionRef, ...profile(executionProfile) }),
    setExecutionBackend: ({ id, attempt }, executionBackend, executionProfile) =>
      assign({ id, attempt, executionRef: null, executionBackend, ...profile(executionProfile) }),
  }
}
