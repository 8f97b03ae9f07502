import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'

/** Deliveries that are not done. */
export type DeliveryBacklog = {
  /** Whose time has come. */
  readonly due: number
  readonly oldestDue: Date | undefined
  /** Due ones, and those that wait for their next attempt. */
  readonly pending: number
  /** Given up; a person may send them again. */
  readonly parked: number
}

/** Counts over partial indexes alone. */
export async function deliveryBacklog(db: Queryable, at: Date): Promise<DeliveryBacklog> {
  const row = await db.one<{ pending: number; due: number; oldest: Date | null; parked: number }>(
    sql`
    select p.*, k.* from
      (select count(*)::int as pending, count(*) filter (where next_at <= ${at})::int as due,
        min(next_at) filter (where next_at <= ${at}) as oldest
        from webhook_deliveries where status = 'pending') as p,
      (select count(*)::int as parked from webhook_deliveries where status = 'parked') as k`,
  )
  return {
    due: row?.due ?? 0,
    oldestDue: row?.oldest ?? undefined,
    pending: row?.pending ?? 0,
    parked: row?.parked ?? 0,
  }
}
