import { connect, createClient, QueueError, type Client } from '@millrace/core'
import { memory } from '@millrace/memory'
import { Refusal } from './refusal.ts'

export const DEFAULT_URL = 'memory:'

/**
 * The client for `--url`, else MILLRACE_URL, else everything in this process. Only this line changes for another backend.
 * @throws Refusal for a URL that no adapter serves.
 */
export function openClient(url: string | undefined): Client {
  try {
    return createClient({ backend: connect(url ?? fromEnvironment() ?? DEFAULT_URL, { memory }) })
  } catch (error) {
    if (error instanceof QueueError && error.code === 'invalid_argument')
      throw new Refusal(`The backend's ${error.message}`)
    throw error
  }
}

/** A variable that is set to nothing, as an empty line of a .env file does, is not set. */
function fromEnvironment(): string | undefined {
  const url = process.env['MILLRACE_URL']?.trim()
  return url === '' ? undefined : url
}
