import { defineConfig } from 'vitest/config'

/**
 * Suites that mostly wait for blocks and servers: two at a time. Of the chain's, one counts what nodes are asked, and one
 * sends from the account that all get their coins from.
 */
const SIDE_BY_SIDE = [
  'test/{devnet,embedded,flow,http,keys,queue,unit}/**/*.test.ts',
  'test/chain/!(nodes|sponsor).test.ts',
]

/** The order that `npm test -- --shuffle` has drawn. */
const seed = process.env.BARO_SHUFFLE_SEED
const sequence = seed === undefined ? {} : { shuffle: true, seed: Number(seed) }

export const EVERY_SUITE = {
  sequence,
  globalSetup: ['test/support/global-setup.ts'],
  pool: 'threads' as const,
  isolate: false,
  testTimeout: 30_000,
  hookTimeout: 60_000,
  reporters: ['default'],
}

export default defineConfig({
  test: {
    ...EVERY_SUITE,
    projects: [
      {
        extends: true,
        test: {
          name: 'two at a time',
          include: SIDE_BY_SIDE,
          maxWorkers: 2,
          sequence: { ...sequence, groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: SIDE_BY_SIDE,
          maxWorkers: 1,
          sequence: { ...sequence, groupOrder: 2 },
        },
      },
    ],
  },
})
