import type { MerchantId, PaymentId } from '../../kernel/ids.ts'
import type { Won } from '../../kernel/money.ts'

export type Account = `payer:${string}` | `merchant:${MerchantId}` | 'operator:fees'
export type Posting = { readonly account: Account; readonly amount: bigint }

/** Lines that sum to zero, about one movement of money. */
export type LedgerTransaction = {
  readonly id: string
  readonly kind: 'settlement'
  readonly merchantId: MerchantId
  readonly paymentId: PaymentId
  readonly postedAt: Date
  readonly postings: readonly Posting[]
}

/** A settled payment: the payer gives the amount to the merchant, and the merchant the fee to the operator. */
export function settlementOf(settled: {
  readonly paymentId: PaymentId
  readonly merchantId: MerchantId
  readonly payer: string
  readonly amount: Won
  readonly fee: Won
  readonly at: Date
}): LedgerTransaction {
  const merchant: Account = `merchant:${settled.merchantId}`
  const lines: Posting[] = [
    { account: `payer:${settled.payer}`, amount: -settled.amount },
    { account: merchant, amount: settled.amount },
    { account: merchant, amount: -settled.fee },
    { account: 'operator:fees', amount: settled.fee },
  ]
  return {
    id: `settle:${settled.paymentId}`,
    kind: 'settlement',
    merchantId: settled.merchantId,
    paymentId: settled.paymentId,
    postedAt: settled.at,
    postings: lines.filter((line) => line.amount !== 0n),
  }
}
