import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type GasSnapshot, measureSnapshot, WORST_PAYMENTS } from '../../bench/gas/snapshot.ts'
import {
  COMPUTATION_COST_LIMIT,
  fitsOneBatch,
  settleBatchComputationCost,
  settleBatchGasLimit,
} from '../../src/platform/chain/batch-limits.ts'

const SNAPSHOT = new URL('../../bench/gas/snapshot.json', import.meta.url)

test('costs what the snapshot in git says, and never more than the limits that the worker sets', async () => {
  const measured = await measureSnapshot()
  const kept = JSON.parse(readFileSync(SNAPSHOT, 'utf8')) as GasSnapshot
  // `npm run gas -- --write-snapshot` keeps a change that is meant.
  expect(measured).toEqual(kept)
  for (const row of measured.rows) {
    if ('limit' in row || row.path !== 'settle_batch') continue
    const { n, merchants, gas_per_payment: gas, computation_cost_per_payment: cost } = row
    expect(gas * n).toBeLessThan(Number(settleBatchGasLimit(n, merchants)))
    expect(cost * n).toBeLessThan(settleBatchComputationCost(n, merchants))
  }
  const { gas, computation } = measured.worst_10
  expect(gas).toBeLessThan(Number(settleBatchGasLimit(WORST_PAYMENTS, WORST_PAYMENTS)))
  expect(computation).toBeLessThan(settleBatchComputationCost(WORST_PAYMENTS, WORST_PAYMENTS))
}, 300_000)

test('keeps a batch within half of what Kaia allows', () => {
  expect(fitsOneBatch(200, 200)).toBe(true)
  expect(fitsOneBatch(500, 50)).toBe(false)
  expect(settleBatchComputationCost(200, 200)).toBeLessThan(COMPUTATION_COST_LIMIT / 2)
})
