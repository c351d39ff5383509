import { connect, createClient, QueueError, type Client } from '@millrace/core'
import { memory } from '@millrace/memory'
import { redis } from '@millrace/redis'
import { valkey } from '@millrace/valkey'
import { Refusal } from './refusal.ts'

export const DEFAULT_URL = 'memory:'

/**
 * The client for the URL. Only this line changes for another backend.
 * @throws Refusal for a URL that no adapter serves.
 */
export function openClient(url: string): Client {
  try {
    return createClient({ backend: connect(url, { memory, redis, valkey }) })
  } catch (error) {
    if (error instanceof QueueError && error.code === 'invalid_argument')
      throw new Refusal(`The backend's ${error.message}`)
    throw error
  }
}

/** `--url`, else MILLRACE_URL, else everything in this process. */
export function chosenUrl(given: string | undefined): string {
  return given ?? fromEnvironment() ?? DEFAULT_URL
}

/** A variable that is set to nothing, as an empty line of a .env file does, is not set. */
function fromEnvironment(): string | undefined {
  const url = process.env['MILLRACE_URL']?.trim()
  return url === '' ? undefined : url
}

/** @throws Refusal for what the backend says: that it is away, or why it will not do. */
export async function reach(client: Client): Promise<void> {
  await client.backend.open().catch(refused)
}

/** The backend's word as a message to the user. @throws Refusal, or what is not the backend's. */
export function refused(error: unknown): never {
  if (error instanceof QueueError) throw new Refusal(`The backend cannot be used: ${error.message}`, { cause: error })
  throw error
}
