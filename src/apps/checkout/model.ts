import { type Won, wonFromJson } from '../../kernel/money.ts'
import { type ChainState, readChainState } from '../browser/chain.ts'
import { type InvoiceStatus, type Payment, readPayment, readStatus } from '../browser/invoice.ts'
import { fieldsOf, maybe, numberOf, textOf } from '../browser/json.ts'

/** A bill as its shopper sees it. */
export type Checkout = {
  readonly code: string
  readonly status: InvoiceStatus
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
  readonly payment: Payment | undefined
  /** Of the moment of the answer. */
  readonly chainState: ChainState
}

/** What the wallet is asked to sign: as it came, and the values that a person compares. */
export type Terms = {
  readonly typedData: unknown
  readonly merchant: string
  readonly invoice: string
}

/** Reads a checkout of the API. Throws when it is not one. */
export function readCheckout(json: unknown): Checkout {
  const from = fieldsOf(json)
  const chain = fieldsOf(from.chain)
  return {
    status: readStatus(from.status),
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
    chainState: readChainState(chain.state),
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
