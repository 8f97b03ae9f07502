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
  /** Whether the key of the address itself signs for it. A Kaia account may have another key, and then its old one must not pay. */
  readonly hasOwnKey: boolean
}

/**
 * What a node said to a raw transaction. None of it says what became of the transaction: `accepted` (it is in a pool),
 * `look` (known, or a block has taken its nonce), `fee_too_low` (same nonce, higher fee), `no_gas_money` (its sender
 * cannot pay the fee), `busy` (pool full, rate limit, node not ready: the same bytes later), `refused` (never as it is).
 */
export type BroadcastAnswer =
  | 'accepted'
  | 'look'
  | 'fee_too_low'
  | 'no_gas_money'
  | 'busy'
  | 'refused'

/** One configured node as the last calls found it. */
export type NodeHealth = {
  /** Its place in the configuration, from 0. URLs may hold keys and are not shown. */
  readonly place: number
  readonly isHealthy: boolean
  /** The newest block that it showed. */
  readonly head: bigint | undefined
  readonly lastError: string | undefined
}

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
  /** All transactions of a block, read whole: who sent each, and under which nonce. */
  transactionsOf(
    number: bigint,
    otherThan?: number,
  ): Promise<readonly { readonly txHash: Hex; readonly from: Hex; readonly nonce: bigint }[]>
  /**
   * The token's settlement logs of a range of blocks, in chain order, and the place of the node that gave them. Throws
   * when the node is behind `to`, and when `otherThan` is given and no node but that one is there to answer.
   */
  settlements(
    from: bigint,
    to: bigint,
    otherThan?: number,
  ): Promise<{ readonly logs: readonly SettlementEvent[]; readonly node: number }>
  /** A question goes at once; those that come within 20 ms of it travel as one call. */
  account(address: Hex): Promise<ChainAccount>
  /** How many transactions of this account are in blocks, by a node other than the one at this place if that is given. */
  nonce(address: Hex, otherThan?: number): Promise<bigint>
  /** Wei (kei on Kaia) that this account has for gas. */
  balance(address: Hex): Promise<bigint>
  /** The contract's error that a batch of this sender would meet now, such as `TokenPaused`; undefined when it would go through. */
  rehearse(from: Hex, data: Hex): Promise<string | undefined>
  /** What holds for every batch now. An answer is kept for five seconds. */
  rules(): Promise<{ readonly feeCapBasisPoints: number; readonly isPaused: boolean }>
  /**
   * Hands signed bytes to a node, or to all that are there: the one that took them may tell nobody. `text` is the node's
   * own words, empty when it took them.
   */
  broadcast(
    raw: Hex,
    to?: 'one' | 'all',
  ): Promise<{ readonly answer: BroadcastAnswer; readonly text: string }>
  /** What became of a transaction, or undefined when this node does not know. A missing receipt proves nothing. */
  receipt(
    txHash: Hex,
  ): Promise<{ readonly succeeded: boolean; readonly blockNumber: bigint } | undefined>
  /** Calls `listener` at every new block while a subscription lives; never calls it where there is none. Returns the end of it. */
  onHead(listener: () => void): () => void
  /** Every configured node, in order of preference. */
  nodes(): readonly NodeHealth[]
  /** Ends subscriptions. */
  close(): void
}
