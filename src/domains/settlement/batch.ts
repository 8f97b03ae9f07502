import type { Hex } from '../../kernel/hex.ts'
import type { BatchId } from '../../kernel/ids.ts'
import { mostPaymentsOfOneBatch } from '../../platform/chain/batch-limits.ts'

/** Beyond this, gas a payment hardly falls any more, and a batch that comes late in a block waits for the next. */
const SWEET_SPOT = 200
/** Payments in one transaction, never more than half of Kaia's computation cost allows. */
export const MAX_BATCH_PAYMENTS = Math.min(SWEET_SPOT, mostPaymentsOfOneBatch())
/** While something of the lane is in flight, a crowd gathers this long. */
export const GATHER_MS = 100
/** Gathering ends so long before a block is due, or half of it: that much a batch takes from its rows to a node. */
export const LEAD_MS = 80

/** One chain transaction that settles many payments: it keeps its nonce for ever. */
export type Batch = {
  readonly id: BatchId
  readonly chainId: number
  /** The lane's account. */
  readonly address: Hex
  readonly nonce: bigint
  /** The newest block when it was written. Whoever takes its nonce later does so after this block, or a little before. */
  readonly journaledAtBlock: bigint
  readonly createdAt: Date
  readonly traceparent?: string | undefined
}

/** A signed raw transaction of a batch. A batch has another one only at a higher fee, with the same calldata. */
export type Attempt = {
  readonly txHash: Hex
  readonly batchId: BatchId
  readonly attempt: number
  readonly raw: Hex
  readonly gas: bigint
  /** Wei (kei on Kaia) per gas. */
  readonly maxFeePerGas: bigint
  readonly signedAt: Date
}

/** The newest attempt of a batch that no block is known to have taken. */
export type InFlight = {
  readonly batchId: BatchId
  readonly nonce: bigint
  readonly journaledAtBlock: bigint
  /** The trace of its journaling; null or absent when nobody traces. */
  readonly traceparent?: string | null
  readonly txHash: Hex
  readonly attempt: number
  readonly gas: bigint
  readonly maxFeePerGas: bigint
}

/** When a lane takes what waits: now, in some milliseconds, or not before a batch is mined. */
export function gatherDelayMs(view: {
  readonly inFlight: number
  /** Batches of one lane that may wait for a block at once. */
  readonly window: number
  readonly waiting: number
  readonly oldestWaitedMs: number
  /** When the next block is due, where that is known. */
  readonly blockDueMs?: number | undefined
}): number | undefined {
  if (view.waiting === 0 || view.inFlight >= view.window) return undefined
  if (view.inFlight === 0 || view.waiting >= MAX_BATCH_PAYMENTS) return 0
  const rest = Math.max(0, GATHER_MS - view.oldestWaitedMs)
  const { blockDueMs = 0 } = view
  // Later than this it would miss the block anyway.
  if (blockDueMs <= LEAD_MS / 2) return rest
  return Math.min(rest, Math.max(0, blockDueMs - LEAD_MS))
}
