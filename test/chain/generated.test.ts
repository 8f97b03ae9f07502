import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('what the product holds of the contracts is what the Solidity compiles to', () => {
  expect(() => execFileSync('node', ['scripts/compile-contracts.mjs', '--check'])).not.toThrow()
}, 300_000)
