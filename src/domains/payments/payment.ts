import type { Hex } from '../../kernel/hex.ts'
import type { BatchId, InvoiceId, MerchantId, PaymentId } from '../../kernel/ids.ts'
import type { Moves } from '../../kernel/machine.ts'
import { type BasisPoints, feeOf, type Won } from '../../kernel/money.ts'

export type PaymentStatus = 'authorised' | 'settling' | 'settled' | 'refused' | 'review' | 'excess'

export const PAYMENT_MOVES: Moves<PaymentStatus> = {
  // Settled at once where another settler of the token submitted what the payer signed.
  authorised: ['settling', 'settled', 'refused'],
  settling: ['settled', 'refused', 'review'],
  review: ['settled', 'refused'],
  settled: [],
  refused: [],
  excess: [],
}

/** How long a signed authorisation may still settle. Longer than any halt that the chain has had. */
export const AUTHORISATION_SECONDS = 7 * 24 * 3_600

/** One attempt to pay an invoice: what the payer signed, and what became of it. */
export type Payment = {
  readonly id: PaymentId
  readonly invoiceId: InvoiceId
  readonly merchantId: MerchantId
  readonly chainId: number
  /** The invoice as the chain names it: 16 bytes. */
  readonly chainInvoice: Hex
  readonly payer: Hex
  readonly merchantAddress: Hex
  readonly amount: Won
  readonly feeBasisPoints: BasisPoints
  readonly fee: Won
  readonly nonce: number
  readonly validBefore: Date
  /** 64 bytes as hex (EIP-2098). */
  readonly signature: Hex
  readonly status: PaymentStatus
  /** Why it was refused, in the words of the contract. */
  readonly reason: string | undefined
  readonly batchId: BatchId | undefined
  readonly txHash: Hex | undefined
  readonly blockNumber: bigint | undefined
  readonly logIndex: number | undefined
  readonly settledAt: Date | undefined
  /** When the store was told to hand over before a block had it. Approved is not settled. */
  readonly approvedAt: Date | undefined
  readonly createdAt: Date
  /** Where its sale stands in a trace; undefined when nobody traces. */
  readonly traceparent: string | undefined
}

const NOT_YET = {
  status: 'authorised',
  reason: undefined,
  batchId: undefined,
  txHash: undefined,
  blockNumber: undefined,
  logIndex: undefined,
  settledAt: undefined,
} as const

/** A payment that was accepted just now. */
export function authorised(payment: Omit<Payment, keyof typeof NOT_YET | 'fee'>): Payment {
  return { ...NOT_YET, ...payment, fee: feeOf(payment.amount, payment.feeBasisPoints) }
}
