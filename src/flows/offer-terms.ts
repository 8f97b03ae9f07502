import { assertPayable, type Invoice } from '../domains/invoices/invoice.ts'
import { getInvoiceByCode } from '../domains/invoices/store.ts'
import type { Merchant } from '../domains/merchants/merchant.ts'
import { getMerchant } from '../domains/merchants/store.ts'
import { reserveNonce } from '../domains/payments/nonce-store.ts'
import { AUTHORISATION_SECONDS } from '../domains/payments/payment.ts'
import { termsToSign } from '../domains/payments/terms.ts'
import { Fault } from '../kernel/errors.ts'
import type { Hex } from '../kernel/hex.ts'
import { secondsAfter, unixSeconds } from '../kernel/time.ts'
import type { PaymentTerms } from '../platform/chain/typed-data.ts'
import type { Deps } from './deps.ts'

export type OfferedTerms = {
  readonly invoice: Invoice
  readonly merchant: Merchant
  readonly message: PaymentTerms
}

/**
 * Reserves the payer's lowest free nonce for the invoice and says what to sign; asked again, it says the same.
 * Throws `not_found`, the faults of an invoice that cannot be paid, `payer_frozen`, `payer_key_changed`,
 * `rate_limited`.
 */
export async function offerTerms(
  deps: Pick<Deps, 'db' | 'chain' | 'clock'>,
  code: string,
  payer: Hex,
): Promise<OfferedTerms> {
  const invoice = await getInvoiceByCode(deps.db, code)
  const now = deps.clock.now()
  assertPayable(invoice, now)
  const merchant = await getMerchant(deps.db, invoice.merchantId)
  const account = await deps.chain.account(payer)
  if (account.isFrozen) throw new Fault('payer_frozen')
  if (!account.hasOwnKey) throw new Fault('payer_key_changed')
  const terms = await reserveNonce(deps.db, {
    chainId: deps.chain.chainId,
    payer,
    invoiceId: invoice.id,
    window: account.window,
    // Whole seconds, because that is what the chain compares.
    validBefore: new Date(unixSeconds(secondsAfter(now, AUTHORISATION_SECONDS)) * 1_000),
  })
  if (terms === undefined)
    throw new Fault(
      'rate_limited',
      '64 payments of this account are under way; try again in a moment',
    )
  return { invoice, merchant, message: termsToSign(invoice, merchant.settlementAddress, terms) }
}
