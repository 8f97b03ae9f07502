import { expect, test } from 'vitest'
import { CONTRACT_MUTANTS, mutantSource } from '../../bench/mutate/contract-guards.mjs'

test('knows where every guard of the contracts stands', () => {
  for (const mutant of CONTRACT_MUTANTS) expect(() => mutantSource(mutant)).not.toThrow()
  expect(new Set(CONTRACT_MUTANTS.map(({ name }) => name)).size).toBe(CONTRACT_MUTANTS.length)
})
