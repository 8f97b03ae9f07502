import { expect, test } from 'vitest'
import { CONTRACT_MUTANTS } from '../../bench/mutate/contract-guards.mjs'
import { ENGINE_MUTANTS } from '../../bench/mutate/engine-safeties.mjs'
import { textWithout } from '../../bench/mutate/source.mjs'

test.each([
  ['guard of the contracts', CONTRACT_MUTANTS],
  ['safety of the engine', ENGINE_MUTANTS],
])('knows where every %s stands', (_words, mutants) => {
  for (const mutant of mutants) expect(() => textWithout(mutant)).not.toThrow()
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
})
