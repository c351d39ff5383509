/**
 * `hanging`: a handler has not returned. `endless`: more handlers were started than one call may start. `unknown_task`: a record was claimed, and
 * no task here has its name. `backend`: a call of the worker failed. `stuck`: due records that the worker does not get. `occupied`: the
 * backend holds records that no testbed wrote. `attempt_failed`: an attempt has failed, and nobody threw what could be passed on.
 * `closed`: the testbed has been closed.
 */
export type TestbedErrorCode =
  | 'hanging'
  | 'endless'
  | 'unknown_task'
  | 'backend'
  | 'stuck'
  | 'occupied'
  | 'attempt_failed'
  | 'closed'

/** Why a testbed could not do what it was asked to. */
export class TestbedError extends Error {
  override readonly name: string = 'TestbedError'
  readonly code: TestbedErrorCode

  constructor(code: TestbedErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}
