import type { Hex } from '../../kernel/hex.ts'

/** How far before its own block a batch's nonce may have been taken: a node may lag by so many when it is written. */
export const LAG_BLOCKS = 256n

/** What is known so far about a batch whose nonce a block has taken without that a log of it was read. */
export type SpentEvidence = {
  /** Payments of it that still settle. */
  readonly riders: number
  readonly journaledAtBlock: bigint
  /** The logs are read up to this block. */
  readonly cursor: bigint
  /** Whether its nonce has been spent for so long that its logs should have been read. */
  readonly isOld: boolean
  /** Whether the logs since the batch was written were read once more. */
  readonly isReread: boolean
  /** Of any of its attempts; `none` when no node knows one. */
  readonly receipt?: Mined | 'none'
  /** Who took the nonce, from blocks that were read whole; `nobody` when it is not in them. */
  readonly taker?: { readonly blockNumber: bigint; readonly isOurs: boolean } | 'nobody'
  /** Logs of its attempts in the block that took the nonce, from every node that could be asked. */
  readonly logs?: number
  /** Whether a second node, where there is one, shows the same taker of the nonce. */
  readonly isShared?: boolean
  /** Riders whose authorisation the chain counts as used. */
  readonly used?: number
}

type Mined = {
  readonly txHash: Hex
  readonly blockNumber: bigint
  readonly succeeded: boolean
}

/** What to ask next, or what it comes to. */
export type SpentStep =
  | { readonly kind: 'ask_receipts' }
  | { readonly kind: 'ask_blocks'; readonly from: bigint; readonly to: bigint }
  | { readonly kind: 'ask_logs'; readonly blockNumber: bigint }
  | { readonly kind: 'ask_authorisations' }
  /** Nobody rides on it: it filled a gap. */
  | { readonly kind: 'close' }
  /** Its logs exist, or may: read them from this block on. */
  | { readonly kind: 'reread'; readonly from: bigint }
  /** Proven: the block that took the nonce holds no log of it. Its payments ride again. */
  | { readonly kind: 'failed'; readonly blockNumber: bigint }
  /** Nothing is proven; a node is behind, or says nothing. */
  | { readonly kind: 'wait' }

/**
 * Decides what became of a batch by blocks read whole and their logs. A receipt only says where to look: a missing one
 * proves nothing, and neither does one that says that the transaction failed.
 */
export function nextSpentStep(evidence: SpentEvidence): SpentStep {
  const { receipt, taker, cursor, journaledAtBlock } = evidence
  if (evidence.riders === 0) return { kind: 'close' }
  if (receipt === undefined) return { kind: 'ask_receipts' }
  if (receipt === 'none' ? !evidence.isOld : receipt.blockNumber > cursor) return { kind: 'wait' }
  if (receipt !== 'none' && receipt.succeeded) return { kind: 'reread', from: receipt.blockNumber }
  if (taker === undefined)
    return receipt === 'none'
      ? { kind: 'ask_blocks', from: atLeastZero(journaledAtBlock - LAG_BLOCKS), to: cursor }
      : { kind: 'ask_blocks', from: receipt.blockNumber, to: receipt.blockNumber }
  if (taker === 'nobody') return { kind: 'wait' }
  // A transaction of ours that no receipt knows: the logs of its block say more than we have.
  if (taker.isOurs && receipt === 'none') return { kind: 'reread', from: taker.blockNumber }
  if (evidence.logs === undefined) return { kind: 'ask_logs', blockNumber: taker.blockNumber }
  if (evidence.isShared === false) return { kind: 'wait' }
  if (evidence.logs > 0) return { kind: 'reread', from: taker.blockNumber }
  if (evidence.used === undefined) return { kind: 'ask_authorisations' }
  if (evidence.used > 0 && !evidence.isReread)
    return { kind: 'reread', from: atLeastZero(journaledAtBlock - LAG_BLOCKS) }
  return { kind: 'failed', blockNumber: taker.blockNumber }
}

function atLeastZero(block: bigint): bigint {
  return block > 0n ? block : 0n
}
