import type { Hex } from '../../kernel/hex.ts'
import type { InvoiceId, MerchantId, PaymentId, StoreId, TerminalId } from '../../kernel/ids.ts'
import { vatOf, won } from '../../kernel/money.ts'
import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'
import type { StatementRow, Totals } from './statement.ts'

type Period = { readonly merchantId: MerchantId; readonly from: Date; readonly to: Date }

type SettledRow = {
  id: PaymentId
  store_id: StoreId
  terminal_id: TerminalId
  invoice_id: InvoiceId
  order_id: string | null
  settled_at: Date
  amount: bigint
  tax_free_amount: bigint
  fee: bigint
  chain_id: bigint
  tx_hash: Hex
  block_number: bigint
  log_index: number
  payer: Hex
}

/** The settled payments of a period, in the order of the chain. */
export async function listSales(db: Queryable, period: Period): Promise<StatementRow[]> {
  const rows = await db.many<SettledRow>(sql`
    select p.id, i.store_id, i.terminal_id, p.invoice_id, i.order_id, p.settled_at, p.amount,
      i.tax_free_amount, p.fee, p.chain_id, p.tx_hash, p.block_number, p.log_index, p.payer
    from ledger_transactions t
    join payments p on p.id = t.payment_id
    join invoices i on i.id = p.invoice_id
    where t.merchant_id = ${period.merchantId} and t.kind = 'settlement'
      and t.posted_at >= ${period.from} and t.posted_at < ${period.to}
    order by p.block_number, p.log_index`)
  return rows.map((row) => ({
    rowId: `sale:${row.id}`,
    type: 'sale',
    storeId: row.store_id,
    terminalId: row.terminal_id,
    invoiceId: row.invoice_id,
    orderId: row.order_id ?? undefined,
    paymentId: row.id,
    settledAt: row.settled_at,
    gross: row.amount,
    taxFree: row.tax_free_amount,
    vat: vatOf(won(row.amount), won(row.tax_free_amount)),
    fee: row.fee,
    net: row.amount - row.fee,
    chainId: Number(row.chain_id),
    txHash: row.tx_hash,
    blockNumber: row.block_number,
    logIndex: row.log_index,
    payer: row.payer,
  }))
}

/** The merchant's side of the ledger over a period. */
export async function ledgerTotals(db: Queryable, period: Period): Promise<Totals> {
  const row = await db.one<Totals>(sql`
    select count(distinct t.id)::int as count,
      coalesce(sum(p.amount) filter (where p.amount > 0), 0)::bigint as gross,
      coalesce(-sum(p.amount) filter (where p.amount < 0), 0)::bigint as fee,
      coalesce(sum(p.amount), 0)::bigint as net
    from ledger_transactions t
    join ledger_postings p on p.transaction_id = t.id and p.account = ${`merchant:${period.merchantId}`}
    where t.merchant_id = ${period.merchantId} and t.kind = 'settlement'
      and t.posted_at >= ${period.from} and t.posted_at < ${period.to}`)
  return row ?? { count: 0, gross: 0n, fee: 0n, net: 0n }
}

/** What the token's own `Paid` logs say went to the merchant's account over a period of chain time. */
export async function chainTotals(
  db: Queryable,
  period: Period & { readonly settlementAddress: Hex; readonly chainId: number },
): Promise<{ count: number; gross: bigint }> {
  const row = await db.one<{ count: number; gross: bigint }>(sql`
    select count(*)::int as count, coalesce(sum(amount), 0)::bigint as gross from chain_events
    where chain_id = ${period.chainId} and kind = 'paid'
      and merchant_address = ${period.settlementAddress}
      and block_time >= ${period.from} and block_time < ${period.to}`)
  return row ?? { count: 0, gross: 0n }
}
