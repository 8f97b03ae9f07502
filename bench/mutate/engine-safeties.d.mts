import type { Mutant } from './source.mjs'

export const ENGINE_MUTANTS: readonly (Mutant & {
  readonly test: { readonly file: string; readonly name: string }
})[]
