import { type Won, wonFromJson } from '../../kernel/money.ts'

export const INVOICE_STATUSES = ['open', 'paying', 'paid', 'expired', 'cancelled'] as const
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number]

export type Payment = {
  readonly status: string
  readonly reason: string | undefined
  readonly txHash: string | undefined
  readonly blockNumber: number | undefined
  readonly settledAt: Date | undefined
}

/** An invoice as far as a till needs it. */
export type Invoice = {
  readonly id: string
  readonly code: string
  readonly status: InvoiceStatus
  readonly version: number
  readonly amount: Won
  readonly orderId: string | undefined
  readonly description: string | undefined
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly expiresInSeconds: number
  readonly paidAt: Date | undefined
  readonly payUrl: string
  readonly payment: Payment | undefined
}

export type InvoicePage = { readonly invoices: readonly Invoice[]; readonly hasMore: boolean }

/** Where this till stands. */
export type Place = { readonly shop: string; readonly store: string; readonly terminal: string }

/** Whether nothing can happen to the invoice any more. */
export function isFinal(invoice: Invoice): boolean {
  return invoice.status === 'paid' || invoice.status === 'expired' || invoice.status === 'cancelled'
}

/** Reads an invoice of the API. Throws when it is not one. */
export function readInvoice(json: unknown): Invoice {
  const from = fieldsOf(json)
  const status = INVOICE_STATUSES.find((one) => one === from.status)
  if (status === undefined)
    throw new TypeError('An invoice has a status that this page does not know')
  return {
    id: textOf(from.id),
    code: textOf(from.code),
    status,
    version: numberOf(from.version),
    amount: wonFromJson(numberOf(from.amount)),
    orderId: maybe(from.order_id, textOf),
    description: maybe(from.description, textOf),
    createdAt: dateOf(from.created_at),
    expiresAt: dateOf(from.expires_at),
    expiresInSeconds: numberOf(from.expires_in_seconds),
    paidAt: maybe(from.paid_at, dateOf),
    payUrl: textOf(from.pay_url),
    payment: maybe(from.payment, readPayment),
  }
}

/** Reads one page of the list. Throws when it is not one. */
export function readInvoicePage(json: unknown): InvoicePage {
  const { data, has_more: hasMore } = fieldsOf(json)
  if (!Array.isArray(data)) throw new TypeError('A list has no data')
  return { invoices: data.map(readInvoice), hasMore: hasMore === true }
}

/** Reads the names of shop, store and terminal from a checkout. Throws when it has none. */
export function readPlace(json: unknown): Place {
  const from = fieldsOf(json)
  return { shop: textOf(from.shop), store: textOf(from.store), terminal: textOf(from.terminal) }
}

function readPayment(json: unknown): Payment {
  const from = fieldsOf(json)
  return {
    status: textOf(from.status),
    reason: maybe(from.reason, textOf),
    txHash: maybe(from.tx_hash, textOf),
    blockNumber: maybe(from.block_number, numberOf),
    settledAt: maybe(from.settled_at, dateOf),
  }
}

export function fieldsOf(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null) throw new TypeError('Not a JSON object')
  return json as Readonly<Record<string, unknown>>
}

export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('Not a text')
  return value
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('Not a number')
  return value
}

function dateOf(value: unknown): Date {
  const date = new Date(textOf(value))
  if (Number.isNaN(date.getTime())) throw new TypeError('Not an instant')
  return date
}

function maybe<Value>(value: unknown, read: (value: unknown) => Value): Value | undefined {
  return value === null || value === undefined ? undefined : read(value)
}
