import {
  type Invoice,
  MAX_LIFETIME_SECONDS,
  MIN_LIFETIME_SECONDS,
} from '../domains/invoices/invoice.ts'
import { insertInvoice } from '../domains/invoices/store.ts'
import { getTerminal } from '../domains/terminals/store.ts'
import { Fault } from '../kernel/errors.ts'
import { type MerchantId, newId, newPayCode, type TerminalId } from '../kernel/ids.ts'
import type { Won } from '../kernel/money.ts'
import { secondsAfter } from '../kernel/time.ts'
import { chainInvoiceOf } from '../platform/chain/chain-invoice.ts'
import type { Deps } from './deps.ts'

export type NewInvoice = {
  readonly merchantId: MerchantId
  readonly terminalId: TerminalId
  readonly amount: Won
  readonly taxFreeAmount: Won
  readonly orderId: string | undefined
  readonly description: string | undefined
  readonly metadata: Readonly<Record<string, string>>
  readonly lifetimeSeconds: number
}

/**
 * Opens an invoice at a terminal of the merchant.
 * Throws `invalid_request` (tax-free part, lifetime, unknown terminal) and `order_exists`.
 */
export async function createInvoice(
  deps: Pick<Deps, 'db' | 'clock'>,
  input: NewInvoice,
): Promise<Invoice> {
  if (input.taxFreeAmount > input.amount)
    throw refuseField('/tax_free_amount', 'too_large', 'The tax-free part exceeds the amount')
  if (input.lifetimeSeconds < MIN_LIFETIME_SECONDS || input.lifetimeSeconds > MAX_LIFETIME_SECONDS)
    throw refuseField('/lifetime_seconds', 'out_of_range', 'The lifetime is out of range')
  const terminal = await getTerminal(deps.db, input.merchantId, input.terminalId).catch((error) => {
    if (error instanceof Fault && error.code === 'not_found')
      throw refuseField('/terminal_id', 'unknown', 'This merchant has no such terminal')
    throw error
  })
  const now = deps.clock.now()
  const id = newId('inv', now)
  const invoice: Invoice = {
    id,
    code: newPayCode(),
    chainInvoice: chainInvoiceOf(id),
    merchantId: input.merchantId,
    storeId: terminal.storeId,
    terminalId: terminal.id,
    orderId: input.orderId,
    amount: input.amount,
    taxFreeAmount: input.taxFreeAmount,
    description: input.description,
    metadata: input.metadata,
    status: 'open',
    version: 1,
    expiresAt: secondsAfter(now, input.lifetimeSeconds),
    createdAt: now,
    paidAt: undefined,
  }
  await insertInvoice(deps.db, invoice)
  return invoice
}

function refuseField(field: string, code: string, detail: string): Fault {
  return new Fault('invalid_request', detail, { fields: [{ field, code }] })
}
