import type { StoreId } from '../../kernel/ids.ts'
import { type Won, won } from '../../kernel/money.ts'
import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'
import { approvalsCountAfter, isApproved } from './approval.ts'

/** Whether a store hands over now, while the chain is late. Its tills ask one after the other, so no two take the last won. */
export async function approve(
  tx: Queryable,
  sale: {
    readonly storeId: StoreId
    readonly amount: Won
    readonly limit: Won
    readonly now: Date
  },
): Promise<boolean> {
  const { storeId, amount, limit, now } = sale
  if (limit < amount) return false
  await lockApprovals(tx, storeId)
  const atRisk = await atRiskAmount(tx, storeId, approvalsCountAfter(now))
  return isApproved({ isChainLate: true, limit, atRisk, amount })
}

/** Makes approvals of one store wait for each other until this transaction ends. */
async function lockApprovals(tx: Queryable, storeId: StoreId): Promise<void> {
  await tx.many(sql`select pg_advisory_xact_lock(hashtextextended(${`approvals ${storeId}`}, 0))`)
}

/** What a store has handed over since then on payments that have not settled. */
async function atRiskAmount(db: Queryable, storeId: StoreId, after: Date): Promise<Won> {
  const row = await db.one<{ total: bigint }>(sql`
    select coalesce(sum(p.amount), 0)::bigint as total
    from payments p join invoices i on i.id = p.invoice_id
    where i.store_id = ${storeId} and p.approved_at > ${after} and p.status <> 'settled'`)
  return won(row?.total ?? 0n)
}
