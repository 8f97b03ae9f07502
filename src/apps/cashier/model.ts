import { type Won, wonFromJson } from '../../kernel/money.ts'
import { type ChainState, readChainState } from '../browser/chain.ts'
import { type InvoiceStatus, type Payment, readPayment, readStatus } from '../browser/invoice.ts'
import { dateOf, fieldsOf, maybe, numberOf, textOf } from '../browser/json.ts'

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
  /** Of the moment of the answer. */
  readonly chainState: ChainState
}

export type InvoicePage = {
  readonly invoices: readonly Invoice[]
  readonly hasMore: boolean
  readonly chainState: ChainState
}

/** Where this till stands. */
export type Place = { readonly shop: string; readonly store: string; readonly terminal: string }

/** Reads an invoice of the API. Throws when it is not one. */
export function readInvoice(json: unknown): Invoice {
  const from = fieldsOf(json)
  return {
    id: textOf(from.id),
    code: textOf(from.code),
    status: readStatus(from.status),
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
    chainState: readChainState(from.chain_state),
  }
}

/** Reads one page of the list. Throws when it is not one. */
export function readInvoicePage(json: unknown): InvoicePage {
  const { data, has_more: hasMore, chain_state: chainState } = fieldsOf(json)
  if (!Array.isArray(data)) throw new TypeError('A list has no data')
  return {
    invoices: data.map(readInvoice),
    hasMore: hasMore === true,
    chainState: readChainState(chainState),
  }
}

/** Reads the names of shop, store and terminal from a checkout. Throws when it has none. */
export function readPlace(json: unknown): Place {
  const from = fieldsOf(json)
  return { shop: textOf(from.shop), store: textOf(from.store), terminal: textOf(from.terminal) }
}
