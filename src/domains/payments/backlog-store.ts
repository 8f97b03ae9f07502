import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'

/** Payments that are not at their end, on every chain of this database. */
export type PaymentBacklog = {
  readonly waiting: number
  readonly oldestWaiting: Date | undefined
  readonly settling: number
  readonly oldestSettling: Date | undefined
  /** Those that a person must decide. */
  readonly review: number
}

type BacklogRow = {
  waiting: number
  oldest_waiting: Date | null
  settling: number
  oldest_settling: Date | null
  review: number
}

/** Counts over partial indexes alone, so that it costs as little as there is to do. */
export async function paymentBacklog(db: Queryable): Promise<PaymentBacklog> {
  const row = await db.one<BacklogRow>(sql`
    select w.*, s.*, r.* from
      (select count(*)::int as waiting, min(created_at) as oldest_waiting from payments
        where status = 'authorised' or (status = 'settling' and batch_id is null)) as w,
      (select count(*)::int as settling, min(created_at) as oldest_settling from payments
        where status = 'settling' and batch_id is not null) as s,
      (select count(*)::int as review from payments where status = 'review') as r`)
  return {
    waiting: row?.waiting ?? 0,
    oldestWaiting: row?.oldest_waiting ?? undefined,
    settling: row?.settling ?? 0,
    oldestSettling: row?.oldest_settling ?? undefined,
    review: row?.review ?? 0,
  }
}
