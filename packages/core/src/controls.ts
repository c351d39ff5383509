import type { KeyReference } from './backend.ts'

/** What operators do. At most six methods. */
export interface Controls {
  /** Free keys that are taken for a window or for ever, whatever became of the records that took them; in the order of the keys. */
  resetKeys(keys: readonly KeyReference[]): Promise<readonly KeyReset[]>
}

/** `free`: nothing kept others off it. `refused`: an unfinished record has it by `active` or `untilStart`, which ends with that record. */
export type KeyReset = 'reset' | 'free' | 'refused'
