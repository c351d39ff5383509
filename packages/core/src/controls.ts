import type { KeyReference } from './backend.ts'

/**
 * What an operator says of whole queues, and of keys. It belongs to the namespace, not to a process: it is kept like the records, holds for every client
 * and worker, and ends by the opposite call or with the namespace. Pausing and resuming twice is doing it once.
 */
export interface Controls {
  /**
   * Pause these queues, which need not exist yet, or with null the whole namespace. No claim that begins after this has resolved takes a record
   * of them, neither over lines nor by id: it answers as if they were empty, and nobody is hinted of what comes to them. What is running runs
   * on; everything but claims goes on.
   */
  pause(queues: readonly string[] | null): Promise<void>

  /**
   * Take that back; of the whole namespace, with null, only what was said of the whole: a queue that was paused by itself stays so. Lines that are
   * no longer paused are hinted.
   */
  resume(queues: readonly string[] | null): Promise<void>

  /** What is paused, as it was said. */
  paused(): Promise<Paused>

  /**
   * Free keys that are taken for a window or for ever, whatever became of the records that took them; in the order of the keys. Repeated after a
   * lost reply it may free what somebody took in between.
   */
  resetKeys(keys: readonly KeyReference[]): Promise<readonly KeyReset[]>
}

export interface Paused {
  /** Whether the namespace was paused as a whole. */
  readonly namespace: boolean
  /** The queues that were paused by themselves, by name, whether or not they hold a record. */
  readonly queues: readonly string[]
}

/** `free`: nothing kept others off it. `refused`: an unfinished record has it by `active` or `untilStart`, which ends with that record. */
export type KeyReset = 'reset' | 'free' | 'refused'
