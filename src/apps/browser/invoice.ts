import { dateOf, fieldsOf, maybe, numberOf, textOf } from './json.ts'

const STATUSES = ['open', 'paying', 'paid', 'expired', 'cancelled'] as const
export type InvoiceStatus = (typeof STATUSES)[number]

/** The latest payment of an invoice. */
export type Payment = {
  readonly status: string
  readonly reason: string | undefined
  readonly txHash: string | undefined
  readonly blockNumber: number | undefined
  readonly settledAt: Date | undefined
  /** When the shop was told to hand over before the chain has the payment. */
  readonly approvedAt: Date | undefined
}

/** Whether nothing can happen to the invoice any more. */
export function isFinal({ status }: { readonly status: InvoiceStatus }): boolean {
  return status === 'paid' || status === 'expired' || status === 'cancelled'
}

/** Reads the status of an invoice. Throws when these pages do not know it. */
export function readStatus(json: unknown): InvoiceStatus {
  const status = STATUSES.find((one) => one === json)
  if (status === undefined)
    throw new TypeError('An invoice has a status that this page does not know')
  return status
}

/** Reads a payment of the API. Throws when it is not one. */
export function readPayment(json: unknown): Payment {
  const from = fieldsOf(json)
  return {
    status: textOf(from.status),
    reason: maybe(from.reason, textOf),
    txHash: maybe(from.tx_hash, textOf),
    blockNumber: maybe(from.block_number, numberOf),
    settledAt: maybe(from.settled_at, dateOf),
    approvedAt: maybe(from.approved_at, dateOf),
  }
}
