import type { Hex } from '../../kernel/hex.ts'
import type { PaymentId } from '../../kernel/ids.ts'

/** A log of the token about one payment, as far as a judgement needs it. */
type Log =
  | {
      readonly kind: 'paid'
      readonly invoice: Hex
      readonly txHash: Hex
      readonly payer: Hex
      readonly merchant: Hex
      readonly amount: bigint
    }
  | {
      readonly kind: 'skipped'
      readonly invoice: Hex
      readonly txHash: Hex
      readonly reason: string
    }

/** What our rows say about the payments that logs name. */
export type Known = {
  readonly byInvoice: ReadonlyMap<
    Hex,
    {
      readonly id: PaymentId
      readonly payer: Hex
      readonly merchantAddress: Hex
      readonly amount: bigint
      readonly status?: string
      readonly txHash?: Hex | undefined
    }
  >
  /** Which payment each item of our own transactions was. */
  readonly riders: readonly {
    readonly txHash: Hex
    readonly chainInvoice: Hex
    readonly paymentId: PaymentId
  }[]
  /** In how many batches each of them has ridden. */
  readonly rides: ReadonlyMap<PaymentId, number>
}

export type Judgement =
  | { readonly verdict: 'settle'; readonly paymentId: PaymentId }
  | { readonly verdict: 'refuse'; readonly paymentId: PaymentId; readonly reason: string }
  | { readonly verdict: 'hold'; readonly paymentId: PaymentId; readonly reason: string }
  | { readonly verdict: 'unmatched'; readonly txHash: Hex; readonly invoice: Hex }

/**
 * What one log proves. A `Paid` log settles the payment that agrees with it in payer, merchant and amount. A
 * `Skipped` log of our own transaction refuses its payment, except for a replay of one that rode twice: its first
 * ride may have settled it. Whatever contradicts our rows is held for a person.
 */
export function judge(log: Log, known: Known): Judgement {
  if (log.kind === 'paid') {
    const payment = known.byInvoice.get(log.invoice)
    if (payment === undefined)
      return { verdict: 'unmatched', txHash: log.txHash, invoice: log.invoice }
    // Paid a second time, by an authorisation that was refused before: nobody expects that money.
    const isSettled = payment.status === 'settled' && payment.txHash !== log.txHash
    if (isSettled) return { verdict: 'unmatched', txHash: log.txHash, invoice: log.invoice }
    const agrees =
      payment.payer === log.payer &&
      payment.merchantAddress === log.merchant &&
      payment.amount === log.amount
    return agrees
      ? { verdict: 'settle', paymentId: payment.id }
      : { verdict: 'hold', paymentId: payment.id, reason: 'paid_log_differs' }
  }
  const rider = known.riders.find(
    (one) => one.txHash === log.txHash && one.chainInvoice === log.invoice,
  )
  if (rider === undefined) return { verdict: 'unmatched', txHash: log.txHash, invoice: log.invoice }
  const rodeTwice = (known.rides.get(rider.paymentId) ?? 0) > 1
  return log.reason === 'replay' && rodeTwice
    ? { verdict: 'hold', paymentId: rider.paymentId, reason: 'replay_after_failed_batch' }
    : { verdict: 'refuse', paymentId: rider.paymentId, reason: log.reason }
}
