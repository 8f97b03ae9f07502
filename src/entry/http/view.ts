import type { Static } from 'typebox'
import type { Invoice } from '../../domains/invoices/invoice.ts'
import { invoiceView } from '../../domains/invoices/view.ts'
import { paymentView } from '../../domains/payments/view.ts'
import type { ChainState } from '../../domains/settlement/chain-state.ts'
import type { HttpContext } from './context.ts'
import type { Sale } from './long-poll.ts'
import type { InvoiceSchema } from './schemas.ts'

export function payUrlOf(context: Pick<HttpContext, 'publicUrl'>, code: string): string {
  return `${context.publicUrl}/p/${code}`
}

export function secondsLeft(invoice: Invoice, now: Date): number {
  return Math.max(0, Math.ceil((invoice.expiresAt.getTime() - now.getTime()) / 1_000))
}

/** An invoice with its links, its newest payment, and the state of the chain that it waits for. */
export function invoiceAnswer(
  context: Pick<HttpContext, 'publicUrl' | 'deps'>,
  { invoice, payment }: Sale,
  chainState: ChainState,
): Static<typeof InvoiceSchema> {
  const payUrl = payUrlOf(context, invoice.code)
  return {
    ...invoiceView(invoice),
    expires_in_seconds: secondsLeft(invoice, context.deps.clock.now()),
    pay_url: payUrl,
    qr: { svg: `${payUrl}/qr.svg`, png: `${payUrl}/qr.png`, text: `${payUrl}/qr.txt` },
    chain_state: chainState,
    payment: payment === undefined ? null : paymentView(payment),
  }
}
