import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'
import type { LedgerTransaction } from './postings.ts'

/** Posts transactions. A second post of one id is refused by its key; the database refuses lines that do not sum to zero. */
export async function post(
  db: Queryable,
  transactions: readonly LedgerTransaction[],
): Promise<void> {
  const lines = transactions.flatMap((transaction) =>
    transaction.postings.map((posting, line) => ({ ...posting, id: transaction.id, line })),
  )
  await db.many(sql`
    insert into ledger_transactions (id, kind, merchant_id, payment_id, posted_at)
    select * from unnest(${transactions.map((one) => one.id)}::text[],
      ${transactions.map((one) => one.kind)}::text[],
      ${transactions.map((one) => one.merchantId)}::text[],
      ${transactions.map((one) => one.paymentId)}::text[],
      ${transactions.map((one) => one.postedAt)}::timestamptz[])`)
  await db.many(sql`
    insert into ledger_postings (transaction_id, line, account, amount)
    select * from unnest(${lines.map((line) => line.id)}::text[], ${lines.map((line) => line.line)}::smallint[],
      ${lines.map((line) => line.account)}::text[], ${lines.map((line) => line.amount)}::bigint[])`)
}

/** The sum of every line there is: zero, unless the database is broken. */
export async function grandTotal(db: Queryable): Promise<bigint> {
  const row = await db.one<{ total: bigint }>(
    sql`select coalesce(sum(amount), 0)::bigint as total from ledger_postings`,
  )
  return row?.total ?? 0n
}

/** Won on an account, over all time. Negative where more left than came. */
export async function balanceOf(db: Queryable, account: string): Promise<bigint> {
  const row = await db.one<{ balance: bigint }>(sql`
    select coalesce(sum(amount), 0)::bigint as balance from ledger_postings where account = ${account}`)
  return row?.balance ?? 0n
}
