import { type Won, wonFromJson } from '../../kernel/money.ts'

export const STATUSES = ['open', 'paying', 'paid', 'expired', 'cancelled'] as const
export type Status = (typeof STATUSES)[number]

/** A bill as its shopper sees it. */
export type Checkout = {
  readonly code: string
  readonly status: Status
  readonly version: number
  readonly shop: string
  readonly store: string
  readonly terminal: string
  readonly amount: Won
  readonly vat: bigint
  readonly description: string | undefined
  readonly expiresInSeconds: number
  readonly chainId: number
  readonly token: string
  readonly hasDemoShopper: boolean
  readonly payment:
    | {
        readonly status: string
        readonly reason: string | undefined
        readonly txHash: string | undefined
        readonly blockNumber: number | undefined
        readonly settledAt: Date | undefined
      }
    | undefined
}

/** What the wallet is asked to sign: as it came, and the values that a person compares. */
export type Terms = {
  readonly typedData: unknown
  readonly merchant: string
  readonly invoice: string
}

/** Whether nothing can happen to it any more. */
export function isFinal({ status }: Checkout): boolean {
  return status === 'paid' || status === 'expired' || status === 'cancelled'
}

/** Reads a checkout of the API. Throws when it is not one. */
export function readCheckout(json: unknown): Checkout {
  const from = fieldsOf(json)
  const chain = fieldsOf(from.chain)
  const status = STATUSES.find((one) => one === from.status)
  if (status === undefined)
    throw new TypeError('A checkout has a status that this page does not know')
  return {
    status,
    code: textOf(from.code),
    version: numberOf(from.version),
    shop: textOf(from.shop),
    store: textOf(from.store),
    terminal: textOf(from.terminal),
    amount: wonFromJson(numberOf(from.amount)),
    vat: BigInt(numberOf(from.vat)),
    description: maybe(from.description, textOf),
    expiresInSeconds: numberOf(from.expires_in_seconds),
    chainId: numberOf(chain.chain_id),
    token: textOf(chain.token),
    hasDemoShopper: from.demo_shopper === true,
    payment: maybe(from.payment, readPayment),
  }
}

function readPayment(json: unknown): NonNullable<Checkout['payment']> {
  const from = fieldsOf(json)
  return {
    status: textOf(from.status),
    reason: maybe(from.reason, textOf),
    txHash: maybe(from.tx_hash, textOf),
    blockNumber: maybe(from.block_number, numberOf),
    settledAt: maybe(from.settled_at, (value) => new Date(textOf(value))),
  }
}

/** Reads the terms of an offer. Throws when they have another form. */
export function readTerms(json: unknown): Terms {
  const { typed_data: typedData } = fieldsOf(json)
  const message = fieldsOf(fieldsOf(typedData).message)
  return { typedData, merchant: textOf(message.merchant), invoice: textOf(message.invoice) }
}

/** Whether the terms ask for this bill's amount, in its token, on its chain, and for nothing else. */
export function isOfBill({ typedData }: Terms, checkout: Checkout): boolean {
  const { domain, message, primaryType } = fieldsOf(typedData)
  const { chainId, verifyingContract } = fieldsOf(domain)
  return (
    primaryType === 'Payment' &&
    Number(chainId) === checkout.chainId &&
    String(verifyingContract).toLowerCase() === checkout.token.toLowerCase() &&
    String(fieldsOf(message).amount) === checkout.amount.toString()
  )
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

function maybe<Value>(value: unknown, read: (value: unknown) => Value): Value | undefined {
  return value === null || value === undefined ? undefined : read(value)
}
