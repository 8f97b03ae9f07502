export interface Mutant {
  readonly name: string
  readonly path: string
  readonly find: string
  readonly replace: string
}

/** Every guard of the contracts, and what the code is without it. */
export const CONTRACT_MUTANTS: readonly Mutant[]

/** The text of the mutant's file without the guard, by path. Throws unless the guard stands there once. */
export function mutantSource(mutant: Mutant): Readonly<Record<string, string>>
