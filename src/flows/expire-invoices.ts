import { expireInvoices as expireDue } from '../domains/invoices/store.ts'
import { invoiceView } from '../domains/invoices/view.ts'
import { releaseNonces } from '../domains/payments/nonce-store.ts'
import { eventOf } from '../domains/webhooks/event.ts'
import { recordEvents } from '../domains/webhooks/store.ts'
import { enqueue } from '../platform/db/outbox.ts'
import type { Deps } from './deps.ts'
import { deliverWebhookJob } from './jobs.ts'

const MAX_AT_ONCE = 500

/** Expires open invoices whose time is over, frees their nonces and tells. Returns how many. */
export async function expireInvoices(deps: Pick<Deps, 'db' | 'clock'>): Promise<number> {
  return deps.db.transaction(async (tx) => {
    const now = deps.clock.now()
    const expired = await expireDue(tx, now, MAX_AT_ONCE)
    if (expired.length === 0) return 0
    await releaseNonces(
      tx,
      expired.map((invoice) => invoice.id),
    )
    const events = expired.map((invoice) =>
      eventOf({
        merchantId: invoice.merchantId,
        type: 'invoice.expired',
        aggregateId: invoice.id,
        sequence: invoice.version,
        object: invoiceView(invoice),
        at: now,
      }),
    )
    await enqueue(tx, deliverWebhookJob, await recordEvents(tx, events))
    return expired.length
  })
}
