import { Fault } from '../../kernel/errors.ts'
import type { Hex } from '../../kernel/hex.ts'
import type { InvoiceId, MerchantId, StoreId, TerminalId } from '../../kernel/ids.ts'
import type { Moves } from '../../kernel/machine.ts'
import type { Won } from '../../kernel/money.ts'

export const INVOICE_STATUSES = ['open', 'paying', 'paid', 'expired', 'cancelled'] as const
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number]

export const INVOICE_MOVES: Moves<InvoiceStatus> = {
  open: ['paying', 'expired', 'cancelled'],
  paying: ['paid', 'open', 'expired'],
  paid: [],
  expired: [],
  cancelled: [],
}

/** The Korean QR standard and the wallets of the region agree on three minutes for a dynamic code. */
export const DEFAULT_LIFETIME_SECONDS = 180
export const MIN_LIFETIME_SECONDS = 10
export const MAX_LIFETIME_SECONDS = 3_600

export type Invoice = {
  readonly id: InvoiceId
  /** What the QR code carries, unrelated to the id. */
  readonly code: string
  /** What the chain sees: the first 16 bytes of keccak256(id), as hex. */
  readonly chainInvoice: Hex
  readonly merchantId: MerchantId
  readonly storeId: StoreId
  readonly terminalId: TerminalId
  readonly orderId: string | undefined
  readonly amount: Won
  readonly taxFreeAmount: Won
  readonly description: string | undefined
  readonly metadata: Readonly<Record<string, string>>
  readonly status: InvoiceStatus
  /** Rises with every change, so that a reader can wait for the next one and drop an older one. */
  readonly version: number
  readonly expiresAt: Date
  readonly createdAt: Date
  readonly paidAt: Date | undefined
}

/** Throws the fault that says why this invoice cannot be paid now, if it cannot. */
export function assertPayable(invoice: Invoice, now: Date): void {
  if (invoice.status === 'paid') throw new Fault('invoice_paid')
  if (invoice.status === 'paying') throw new Fault('invoice_paying')
  if (invoice.status === 'cancelled') throw new Fault('invoice_cancelled')
  if (invoice.status === 'expired' || invoice.expiresAt <= now) throw new Fault('invoice_expired')
}
