import type { Group } from '../harness.ts'

/** The table of contents: one group per verb. */
export const groups: readonly Group[] = []
