import { checkRuntime, createClient } from '@millrace/core'
import { afterEach, describe, expect, it } from 'vitest'
import { recordingBackend } from './recording-backend.ts'

const withResolvers = Object.getOwnPropertyDescriptor(Promise, 'withResolvers')

afterEach(() => {
  Object.defineProperty(Promise, 'withResolvers', { ...withResolvers })
})

describe('an old runtime', () => {
  it('is refused by name when a client is made', () => {
    const { backend } = recordingBackend()
    Reflect.deleteProperty(Promise, 'withResolvers')
    expect(() => createClient({ backend })).toThrow('Millrace needs Node 22.12 or newer')
  })

  it('is not this one', () => {
    expect(checkRuntime).not.toThrow()
  })
})
