import type { Hex } from '../../kernel/hex.ts'
import type { BatchId } from '../../kernel/ids.ts'
import { mostPaymentsOfOneBatch } from '../../platform/chain/batch-limits.ts'

/** Beyond this, gas a payment hardly falls any more, and a batch that comes late in a block waits for the next. */
const SWEET_SPOT = 200
/** Payments in one transaction, never more than half of Kaia's computation cost allows. */
export const MAX_BATCH_PAYMENTS = Math.min(SWEET_SPOT, mostPaymentsOfOneBatch())
/** While something of the lane is in flight, a crowd gathers this long. */
export const GATHER_MS = 100
/** Batches of one lane that may wait for a block at once: what a shared Kaia provider guarantees. */
export const MAX_IN_FLIGHT = 16
/** The stored bytes are sent again until their block comes. */
export const REBROADCAST_MS = 3_000
/** Every read of the logs begins this many blocks before the cursor. */
export const OVERLAP_BLOCKS = 5n
/** The most blocks of one read of the logs. */
export const READ_BLOCKS = 500n

/** One chain transaction that settles many payments: it keeps its nonce for ever. */
export type Batch = {
  readonly id: BatchId
  readonly chainId: number
  readonly lane: Hex
  readonly nonce: bigint
  readonly createdAt: Date
}

/** A signed raw transaction of a batch. A batch has another one only at a higher fee, with the same calldata. */
export type Attempt = {
  readonly txHash: Hex
  readonly batchId: BatchId
  readonly attempt: number
  readonly raw: Hex
  readonly maxFeePerGas: bigint
  readonly signedAt: Date
}

/** What a lane does next, from what it sees: gather now, or at a time, or not before a batch is mined. */
export function gatherDelayMs(view: {
  readonly inFlight: number
  readonly waiting: number
  readonly oldestWaitedMs: number
}): number | undefined {
  if (view.waiting === 0 || view.inFlight >= MAX_IN_FLIGHT) return undefined
  if (view.inFlight === 0 || view.waiting >= MAX_BATCH_PAYMENTS) return 0
  return Math.max(0, GATHER_MS - view.oldestWaitedMs)
}
