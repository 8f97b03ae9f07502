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

const SKIP_REASONS: readonly SkipReason[] = [
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
  const own = logs.filter(({ address }) => address.toLowerCase() === token.toLowerCase())
  const ordered = own.toSorted(
    (a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex,
  )
  return ordered.flatMap((log, at) => {
    if (log.topics[0] === PAID_TOPIC) return [paidEvent(log, ordered[at - 1])]
    if (log.topics[0] === SKIPPED_TOPIC) return [skippedEvent(log)]
    return []
  })
}

function paidEvent(log: ChainLog, before: ChainLog | undefined): SettlementEvent {
  if (
    before?.topics[0] !== TRANSFER_TOPIC ||
    before.transactionHash !== log.transactionHash ||
    before.logIndex !== log.logIndex - 1
  ) {
    throw new Error(`Paid log ${log.logIndex} of ${log.transactionHash} has no Transfer before it`)
  }
  return {
    kind: 'paid',
    ...placeOf(log, addressOf(before.topics[1])),
    merchant: addressOf(before.topics[2]),
    amount: BigInt(before.data),
  }
}

function skippedEvent(log: ChainLog): SettlementEvent {
  const number = Number(BigInt(`0x${log.data.slice(66)}`))
  const reason = SKIP_REASONS[number - 1]
  if (reason === undefined) throw new Error(`Skipped log with unknown reason ${number}`)
  return { kind: 'skipped', ...placeOf(log, addressOf(log.data)), reason }
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
