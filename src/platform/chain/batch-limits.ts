/** Kaia fails a transaction above this and burns all its gas; `eth_estimateGas` does not see it. */
export const COMPUTATION_COST_LIMIT = 150_000_000

// Each is above what the gas table measures, for any mix of good and bad payments.
const BATCH_COST = { gas: 70_000, computation: 150_000 }
const MERCHANT_COST = { gas: 28_000, computation: 60_000 }
const PAYMENT_COST = { gas: 15_000, computation: 200_000 }
/** A batch stays within half of Kaia's limit, so that a slow validator still mines it within one block's time. */
const SHARE_OF_LIMIT = 0.5

/** Gas that `settleBatch` needs at most; set as the transaction's limit, because no node is asked. */
export function settleBatchGasLimit(payments: number, merchants: number): bigint {
  return BigInt(BATCH_COST.gas + merchants * MERCHANT_COST.gas + payments * PAYMENT_COST.gas)
}

/** Computation cost of `settleBatch` on Kaia, at most. */
export function settleBatchComputationCost(payments: number, merchants: number): number {
  const { computation } = BATCH_COST
  return computation + merchants * MERCHANT_COST.computation + payments * PAYMENT_COST.computation
}

/** Whether a batch stays within the share of Kaia's limit that we use. */
export function fitsOneBatch(payments: number, merchants: number): boolean {
  return settleBatchComputationCost(payments, merchants) <= COMPUTATION_COST_LIMIT * SHARE_OF_LIMIT
}

/** The most payments that fit one batch whoever they go to, each to a merchant of its own at worst. */
export function mostPaymentsOfOneBatch(): number {
  let payments = 1
  while (fitsOneBatch(payments + 1, payments + 1)) payments++
  return payments
}
