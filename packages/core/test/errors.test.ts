import { QueueError, type ErrorCode } from '@millrace/core'
import { describe, expect, it } from 'vitest'

const CODES: Record<ErrorCode, boolean> = {
  invalid_argument: false,
  not_serializable: false,
  too_large: false,
  key_conflict: false,
  closed: false,
  connection: true,
  timeout: true,
  out_of_memory: true,
  busy: true,
  read_only: true,
  auth: false,
  permission: false,
  cluster: true,
  corrupt_record: false,
  unsupported_server: false,
  version_mismatch: false,
}
const codes = Object.keys(CODES).filter((code): code is ErrorCode => code in CODES)

describe('a QueueError', () => {
  it.each(codes)('%s says whether the same call may succeed later', (code) => {
    expect(new QueueError(code, 'x').retryable).toBe(CODES[code])
  })

  it('is an Error with a name, and with nothing that was not given', () => {
    const error = new QueueError('closed', 'the backend is closed')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'QueueError',
      message: 'the backend is closed',
      indeterminate: false,
      parameter: null,
    })
    expect('cause' in error).toBe(false)
  })

  it('carries what was given', () => {
    const cause = new Error('socket')
    const error = new QueueError('connection', 'lost', { cause, indeterminate: true, parameter: 'url' })
    expect(error).toMatchObject({ cause, indeterminate: true, parameter: 'url' })
  })
})
