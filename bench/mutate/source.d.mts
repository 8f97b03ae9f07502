/** A file of the project, a text that stands in it once, and what stands there without the guard. */
export type Mutant = {
  readonly name: string
  readonly path: string
  readonly find: string
  readonly replace: string
}

export const ROOT: string
export function textWithout(mutant: Mutant): string
export function isChosen(mutant: Mutant, only: string): boolean
