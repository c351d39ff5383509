/**
 * What to do when the key is taken. `keep` it; or `replace` the record that has it, if that one still waits, and be due when it would have been;
 * or `extend`: the same, but the delay, or the window, begins anew.
 */
export type OnConflict = 'keep' | 'replace' | 'extend'

export const ON_CONFLICT: readonly OnConflict[] = ['keep', 'replace', 'extend']
