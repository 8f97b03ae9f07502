import type { Hex } from '../../kernel/hex.ts'
import type { Won } from '../../kernel/money.ts'
import { unixSeconds } from '../../kernel/time.ts'
import type { PaymentTerms } from '../../platform/chain/typed-data.ts'
import type { Terms } from './nonce-store.ts'

/** What the payer of an invoice signs, as the chain reads it. */
export function termsToSign(
  invoice: { readonly amount: Won; readonly chainInvoice: Hex },
  merchant: Hex,
  { nonce, validBefore }: Terms,
): PaymentTerms {
  return {
    ...{ merchant, nonce, amount: invoice.amount, invoice: invoice.chainInvoice },
    validBefore: unixSeconds(validBefore),
  }
}
