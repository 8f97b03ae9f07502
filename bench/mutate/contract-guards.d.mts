import type { Mutant } from './source.mjs'

export const CONTRACT_MUTANTS: readonly Mutant[]
