import type { Hex } from '../../kernel/hex.ts'
import type { SettlementEvent } from './logs.ts'
import type { PaymentDomain } from './typed-data.ts'

export type Block = {
  readonly number: bigint
  readonly time: Date
  /** Wei (kei on Kaia) per gas. */
  readonly baseFeePerGas: bigint
}

/** One account of the token, read at one block. */
export type ChainAccount = {
  /** Won. */
  readonly balance: bigint
  /** Bit `i` of `used` is nonce `base + i`. */
  readonly window: { readonly base: bigint; readonly used: bigint }
  readonly isFrozen: boolean
}

/** What a node said to a raw transaction. Only `look` and `accepted` are answers; the rest is a fault. */
export type BroadcastAnswer = 'accepted' | 'look'

/** A settlement chain as Baro sees it. Every call throws `chain_unavailable` when no node answers. */
export type Chain = {
  readonly chainId: number
  readonly token: Hex
  readonly domain: PaymentDomain
  /** The block of the token's deployment: no log of it is older. */
  birth(): Promise<bigint>
  /** The newest block. Never `pending`: a Kaia validator answers that only when the next block comes. */
  head(): Promise<Block>
  block(number: bigint): Promise<Block>
  /** The token's settlement logs of a range of blocks, in chain order. Throws when the node is behind `to`. */
  settlements(from: bigint, to: bigint): Promise<readonly SettlementEvent[]>
  /** Questions that come within 20 ms travel as one call. */
  account(address: Hex): Promise<ChainAccount>
  /** How many transactions of this account are in blocks. */
  nonce(address: Hex): Promise<bigint>
  /** The contract's error that a batch of this sender would meet now, such as `TokenPaused`; undefined when it would go through. */
  rehearse(from: Hex, data: Hex): Promise<string | undefined>
  /** What holds for every batch now. An answer is kept for five seconds. */
  rules(): Promise<{ readonly feeCapBasisPoints: number; readonly isPaused: boolean }>
  /** Hands signed bytes to a node. `look` means that it has them, or that a block has taken their nonce. */
  broadcast(raw: Hex): Promise<BroadcastAnswer>
  /** What became of a transaction, or undefined when this node does not know. A missing receipt proves nothing. */
  receipt(
    txHash: Hex,
  ): Promise<{ readonly succeeded: boolean; readonly blockNumber: bigint } | undefined>
}
