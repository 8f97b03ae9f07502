import { wonToJson } from '../../kernel/money.ts'
import type { Payment } from './payment.ts'

/** A payment as the API and the events show it. Amounts are JSON integers in won. */
export function paymentView(payment: Payment) {
  return {
    id: payment.id,
    object: 'payment' as const,
    status: payment.status,
    invoice_id: payment.invoiceId,
    amount: wonToJson(payment.amount),
    fee: wonToJson(payment.fee),
    net: wonToJson(payment.amount - payment.fee),
    currency: 'KRW' as const,
    payer: payment.payer,
    reason: payment.reason ?? null,
    chain_id: payment.chainId,
    tx_hash: payment.txHash ?? null,
    block_number: payment.blockNumber === undefined ? null : Number(payment.blockNumber),
    log_index: payment.logIndex ?? null,
    approved_at: payment.approvedAt?.toISOString() ?? null,
    created_at: payment.createdAt.toISOString(),
    settled_at: payment.settledAt?.toISOString() ?? null,
  }
}
