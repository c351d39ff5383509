import { QueueError, type Client, type Paused } from '@millrace/core'
import { chosenUrl, openClient, refused } from '../open-client.ts'
import { Refusal } from '../refusal.ts'
import type { Terminal } from '../terminal.ts'

export interface PauseOptions {
  readonly act: 'pause' | 'resume'
  /** None: all of them. */
  readonly queues: readonly string[]
  readonly url: string | undefined
}

/**
 * Holds queues back, before a migration for example, or lets them go on, and says what is paused then. Exit code 0.
 * @throws Refusal for what is no name of a queue, and if the backend will not do.
 */
export async function pause({ act, queues, url }: PauseOptions, terminal: Terminal): Promise<number> {
  await using client = openClient(chosenUrl(url))
  const { name, shared } = client.backend.capabilities
  if (!shared) throw new Refusal(`Nobody else works on ${name}:, so there is nothing to ${act}. Give a --url that processes share.`) // prettier-ignore
  terminal.write(`${sentence(await afterwards(client, act, queues).catch(unfit))}\n`)
  return 0
}

async function afterwards(client: Client, act: PauseOptions['act'], queues: readonly string[]): Promise<Paused> {
  await (queues.length === 0 ? client[act]() : client[act](queues))
  return await client.paused()
}

function unfit(error: unknown): never {
  if (error instanceof QueueError && error.code === 'invalid_argument') throw new Refusal(`${error.message}.`)
  return refused(error)
}

function sentence({ namespace, queues }: Paused): string {
  const parts = [...(namespace ? ['everything'] : []), ...queues]
  return parts.length === 0 ? 'Nothing is paused.' : `Paused: ${parts.join(', ')}. What runs is finished.`
}
