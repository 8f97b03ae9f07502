import type { Invoice } from '../domains/invoices/invoice.ts'
import { getMerchantInvoice, moveInvoice } from '../domains/invoices/store.ts'
import { invoiceView } from '../domains/invoices/view.ts'
import { releaseNonces } from '../domains/payments/nonce-store.ts'
import { eventOf } from '../domains/webhooks/event.ts'
import { recordEvents } from '../domains/webhooks/store.ts'
import { Fault, type FaultCode } from '../kernel/errors.ts'
import type { InvoiceId, MerchantId } from '../kernel/ids.ts'
import { enqueue } from '../platform/db/outbox.ts'
import type { Deps } from './deps.ts'
import { deliverWebhookJob } from './jobs.ts'

const REFUSALS: Partial<Record<Invoice['status'], FaultCode>> = {
  paying: 'invoice_paying',
  paid: 'invoice_paid',
  expired: 'invoice_expired',
}

/** Cancels an open invoice; a cancelled one stays so. Throws `invoice_paying`, `invoice_paid`, `invoice_expired`. */
export async function cancelInvoice(
  deps: Pick<Deps, 'db' | 'clock'>,
  merchantId: MerchantId,
  id: InvoiceId,
): Promise<Invoice> {
  return deps.db.transaction(async (tx) => {
    const before = await getMerchantInvoice(tx, merchantId, id)
    const cancelled = await moveInvoice(tx, id, 'cancelled')
    if (cancelled === undefined) {
      const now = await getMerchantInvoice(tx, merchantId, id)
      if (now.status === 'cancelled') return now
      throw new Fault(
        REFUSALS[now.status] ?? 'wrong_state',
        `Invoice ${before.id} is ${now.status}`,
      )
    }
    await releaseNonces(tx, [id])
    const event = eventOf({
      merchantId,
      type: 'invoice.cancelled',
      aggregateId: id,
      sequence: cancelled.version,
      object: invoiceView(cancelled),
      at: deps.clock.now(),
    })
    await enqueue(tx, deliverWebhookJob, await recordEvents(tx, [event]))
    return cancelled
  })
}
