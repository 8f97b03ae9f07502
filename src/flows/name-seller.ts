import { type Seller, sellersOf } from '../domains/invoices/store.ts'
import { crowd } from '../kernel/crowd.ts'
import { Fault } from '../kernel/errors.ts'
import type { InvoiceId } from '../kernel/ids.ts'
import type { Deps } from './deps.ts'

/** Names the seller of an invoice. Throws `not_found` for an unknown one. */
export type NameSeller = (invoice: InvoiceId) => Promise<Seller>

/** Shoppers who look at one time share a query. */
const MOST_TOGETHER = 100

/** One a process: every answer to a shopper names the seller. */
export function openSellerNames({ db }: Pick<Deps, 'db'>): NameSeller {
  const find = crowd(MOST_TOGETHER, async (ids: readonly InvoiceId[]) => {
    const sellers = await sellersOf(db, ids)
    return ids.map((id) => sellers.get(id))
  })
  return async (invoice) => {
    const seller = await find(invoice)
    if (seller === undefined) throw new Fault('not_found', `There is no invoice ${invoice}`)
    return seller
  }
}
