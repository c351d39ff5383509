import { ACT_MUTANTS } from './act-mutants.ts'
import { CONTROL_MUTANTS } from './control-mutants.ts'
import { KEY_MUTANTS } from './key-mutants.ts'
import type { Mutant } from './mutant.ts'
import { READING_MUTANTS } from './reading-mutants.ts'
import { TURN_MUTANTS } from './turn-mutants.ts'

export const MUTANTS: readonly Mutant[] = [
  ...TURN_MUTANTS,
  ...ACT_MUTANTS,
  ...KEY_MUTANTS,
  ...READING_MUTANTS,
  ...CONTROL_MUTANTS,
]
