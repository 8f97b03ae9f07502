import { type Address, type Hex, toEventSelector } from 'viem'

/** A log as a node gives it, numbers decoded. viem's `Log` of a mined block fits. */
export interface ChainLog {
  readonly address: Address
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly blockNumber: bigint
  readonly transactionHash: Hex
  readonly logIndex: number
}

export type SkipReason =
  | 'expired'
  | 'bad_signature'
  | 'frozen_payer'
  | 'funds'
  | 'replay'
  | 'frozen_merchant'
  | 'zero_amount'

interface Place {
  readonly invoice: Hex
  readonly payer: Address
  readonly blockNumber: bigint
  readonly txHash: Hex
  readonly logIndex: number
}

/** `payer` of a skipped payment is the zero address where the contract did not ask who signed. */
export type SettlementEvent =
  | (Place & { readonly kind: 'paid'; readonly merchant: Address; readonly amount: bigint })
  | (Place & { readonly kind: 'skipped'; readonly reason: SkipReason })

export const TRANSFER_TOPIC = toEventSelector('Transfer(address,address,uint256)')
export const PAID_TOPIC = toEventSelector('Paid(bytes16)')
export const SKIPPED_TOPIC = toEventSelector('Skipped(bytes16,address,uint256)')

export type RefundSkipReason =
  | 'expired'
  | 'bad_payment_signature'
  | 'frozen_payer'
  | 'funds'
  | 'replay'
  | 'frozen_merchant'
  | 'zero_amount'
  | 'bad_refund_signature'
  | 'above_payment'
  | 'payment_not_consumed'
  | 'daily_limit'

/** `refunded` is the sum sent back of this payment so far. */
export type RefundEvent =
  | (Place & {
      readonly kind: 'refunded'
      readonly merchant: Address
      readonly amount: bigint
      readonly refunded: bigint
    })
  | (Place & { readonly kind: 'refund_skipped'; readonly reason: RefundSkipReason })

export const REFUNDED_TOPIC = toEventSelector('Refunded(bytes16,uint256)')
export const REFUND_SKIPPED_TOPIC = toEventSelector('RefundSkipped(bytes16,address,uint256)')

const REFUND_SKIP_REASONS: readonly RefundSkipReason[] = [
  'expired',
  'bad_payment_signature',
  'frozen_payer',
  'funds',
  'replay',
  'frozen_merchant',
  'zero_amount',
  'bad_refund_signature',
  'above_payment',
  'payment_not_consumed',
  'daily_limit',
]

/** In the order of the contract's numbers, from 1. */
export const SKIP_REASONS: readonly SkipReason[] = [
  'expired',
  'bad_signature',
  'frozen_payer',
  'funds',
  'replay',
  'frozen_merchant',
  'zero_amount',
]

/**
 * What the token's logs say about payments, in chain order. Logs of other addresses are ignored;
 * a `Paid` without the `Transfer` just before it throws, because then logs are missing.
 */
export function decodeSettlementLogs(
  token: Address,
  logs: readonly ChainLog[],
): readonly SettlementEvent[] {
  return inOrder(token, logs).flatMap((log, at, ordered) => {
    if (log.topics[0] === PAID_TOPIC) return [paidEvent(log, ordered[at - 1])]
    if (log.topics[0] === SKIPPED_TOPIC) {
      const reason = reasonOf(log, SKIP_REASONS)
      return [{ kind: 'skipped' as const, ...placeOf(log, addressOf(log.data)), reason }]
    }
    return []
  })
}

/** What the token's logs say about refunds, in chain order; as `decodeSettlementLogs`. */
export function decodeRefundLogs(
  token: Address,
  logs: readonly ChainLog[],
): readonly RefundEvent[] {
  return inOrder(token, logs).flatMap((log, at, ordered) => {
    if (log.topics[0] === REFUNDED_TOPIC) return [refundedEvent(log, ordered[at - 1])]
    if (log.topics[0] === REFUND_SKIPPED_TOPIC) {
      const reason = reasonOf(log, REFUND_SKIP_REASONS)
      return [{ kind: 'refund_skipped' as const, ...placeOf(log, addressOf(log.data)), reason }]
    }
    return []
  })
}

function inOrder(token: Address, logs: readonly ChainLog[]): readonly ChainLog[] {
  return logs
    .filter(({ address }) => address.toLowerCase() === token.toLowerCase())
    .toSorted((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex)
}

function paidEvent(log: ChainLog, before: ChainLog | undefined): SettlementEvent {
  const transfer = transferBefore(log, before)
  return {
    kind: 'paid',
    ...placeOf(log, addressOf(transfer.topics[1])),
    merchant: addressOf(transfer.topics[2]),
    amount: BigInt(transfer.data),
  }
}

function refundedEvent(log: ChainLog, before: ChainLog | undefined): RefundEvent {
  const transfer = transferBefore(log, before)
  return {
    kind: 'refunded',
    ...placeOf(log, addressOf(transfer.topics[2])),
    merchant: addressOf(transfer.topics[1]),
    amount: BigInt(transfer.data),
    refunded: BigInt(log.data),
  }
}

function transferBefore(log: ChainLog, before: ChainLog | undefined): ChainLog {
  if (
    before?.topics[0] !== TRANSFER_TOPIC ||
    before.transactionHash !== log.transactionHash ||
    before.logIndex !== log.logIndex - 1
  ) {
    throw new Error(`log ${log.logIndex} of ${log.transactionHash} has no Transfer before it`)
  }
  return before
}

function reasonOf<Reason>(log: ChainLog, reasons: readonly Reason[]): Reason {
  const number = Number(BigInt(`0x${log.data.slice(66)}`))
  const reason = reasons[number - 1]
  if (reason === undefined) throw new Error(`log with unknown reason ${number}`)
  return reason
}

function placeOf(log: ChainLog, payer: Address): Place {
  const invoice: Hex = `0x${(log.topics[1] ?? '').slice(2, 34)}`
  const { blockNumber, transactionHash: txHash, logIndex } = log
  return { invoice, payer, blockNumber, txHash, logIndex }
}

function addressOf(word: Hex | undefined): Address {
  if (word === undefined) throw new Error('log has too few topics')
  return `0x${word.slice(26, 66).toLowerCase()}`
}
