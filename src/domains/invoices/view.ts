import { vatOf, wonToJson } from '../../kernel/money.ts'
import type { Invoice } from './invoice.ts'

/** An invoice as the API and the events show it. Amounts are JSON integers in won. */
export function invoiceView(invoice: Invoice) {
  return {
    id: invoice.id,
    object: 'invoice' as const,
    status: invoice.status,
    version: invoice.version,
    amount: wonToJson(invoice.amount),
    tax_free_amount: wonToJson(invoice.taxFreeAmount),
    vat: wonToJson(vatOf(invoice.amount, invoice.taxFreeAmount)),
    currency: 'KRW' as const,
    order_id: invoice.orderId ?? null,
    description: invoice.description ?? null,
    metadata: { ...invoice.metadata },
    store_id: invoice.storeId,
    terminal_id: invoice.terminalId,
    code: invoice.code,
    created_at: invoice.createdAt.toISOString(),
    expires_at: invoice.expiresAt.toISOString(),
    paid_at: invoice.paidAt?.toISOString() ?? null,
  }
}
