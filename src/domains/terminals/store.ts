import { Fault } from '../../kernel/errors.ts'
import type { MerchantId, StoreId, TerminalId } from '../../kernel/ids.ts'
import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'
import type { Terminal } from './terminal.ts'

export async function insertTerminal(db: Queryable, terminal: Terminal, at: Date): Promise<void> {
  await db.many(sql`
    insert into terminals (id, merchant_id, store_id, label, created_at)
    values (${terminal.id}, ${terminal.merchantId}, ${terminal.storeId}, ${terminal.label}, ${at})`)
}

/** A terminal of this merchant. Another merchant's terminal does not exist for it. */
export async function getTerminal(
  db: Queryable,
  merchantId: MerchantId,
  id: TerminalId,
): Promise<Terminal> {
  const row = await db.one<{
    id: TerminalId
    merchant_id: MerchantId
    store_id: StoreId
    label: string
  }>(sql`select * from terminals where id = ${id} and merchant_id = ${merchantId}`)
  if (row === undefined) throw new Fault('not_found', `There is no terminal ${id}`)
  return { id: row.id, merchantId: row.merchant_id, storeId: row.store_id, label: row.label }
}
