import { type Actor, hashApiKey, SCOPES, TERMINAL_SCOPES } from '../domains/merchants/api-key.ts'
import type { Merchant, Store } from '../domains/merchants/merchant.ts'
import { insertApiKey, insertMerchant, insertStore } from '../domains/merchants/store.ts'
import { insertTerminal } from '../domains/terminals/store.ts'
import type { Terminal } from '../domains/terminals/terminal.ts'
import { Fault } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { reveal, type Secret } from '../kernel/secret.ts'
import { sql } from '../platform/db/sql.ts'
import type { Deps } from './deps.ts'

/** A whole shop with one terminal, one key for its backend and one for its terminal. */
export type Shop = {
  readonly merchant: Merchant
  readonly store: Store
  readonly terminal: Terminal
  readonly merchantKey: Secret<string>
  readonly terminalKey: Secret<string>
}

/** Writes a shop, or leaves it as it is when it stands. Returns whether it was written now. */
export async function seedShop(deps: Pick<Deps, 'db' | 'clock'>, shop: Shop): Promise<boolean> {
  return deps.db.transaction(async (tx) => {
    await tx.many(sql`select pg_advisory_xact_lock(hashtextextended(${shop.merchant.id}, 0))`)
    const known = await tx.one(sql`select 1 from merchants where id = ${shop.merchant.id}`)
    if (known !== undefined) return false
    const now = deps.clock.now()
    await insertMerchant(tx, shop.merchant)
    await insertStore(tx, shop.store, now)
    await insertTerminal(tx, shop.terminal, now)
    const addKey = async (key: Secret<string>, rights: Pick<Actor, 'scopes' | 'terminalId'>) => {
      const sha256 = hashApiKey(reveal(key))
      if (sha256 === undefined) throw new Fault('internal', 'The seed has a malformed key')
      await insertApiKey(
        tx,
        { ...rights, id: newId('key', now), merchantId: shop.merchant.id, label: 'seed', sha256 },
        now,
      )
    }
    await addKey(shop.merchantKey, { scopes: SCOPES, terminalId: undefined })
    await addKey(shop.terminalKey, { scopes: TERMINAL_SCOPES, terminalId: shop.terminal.id })
    return true
  })
}
