import { defineConfig } from 'vitest/config'
import { EVERY_SUITE } from './vitest.config.ts'

/**
 * The suites that must hold on a real Kaia node, for `npm run test:kaia`. `npm test` runs them too, on the development
 * chain, behind a door that lets only Kaia's methods pass. Whole rooms are listed, so that a new suite is in.
 */
export const SUITES = [
  'test/chain/*.test.ts',
  'test/flow/*.test.ts',
  'test/http/{checkout-input,statements}.test.ts',
  'test/keys/sale.test.ts',
  'test/chaos/*.test.ts',
  'test/start/node.test.ts',
]

/** What those rooms hold about the source, the database or chains of their own: a node has no say in it. */
export const APART = [
  'test/chain/{forge,gas,generated,kaia-suites,mutants,two-chains,typed-data}.test.ts',
  'test/flow/{events,halt,ledger,migrations,plans,prepared,relay,webhooks,webhooks-slow}.test.ts',
  'test/chaos/{faults,faulty-node,flush-queue,plan,verdict}.test.ts',
]

export default defineConfig({
  test: { ...EVERY_SUITE, maxWorkers: 1, include: SUITES, exclude: APART, testTimeout: 120_000 },
})
