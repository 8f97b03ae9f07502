import type { Shop } from '../../src/flows/seed-shop.ts'
import type { Db } from '../../src/platform/db/db.ts'
import { sql } from '../../src/platform/db/sql.ts'

const FEE_BASIS_POINTS = 80

/** What the rows of a day are about. */
export type Day = {
  readonly shop: Shop
  readonly chainId: number
  readonly from: Date
  readonly payments: number
}

/** Writes a day of settled payments of one shop, spread over its hours, with their ledger and the token's logs. */
export async function writeDay(db: Db, { shop, chainId, from, payments }: Day): Promise<void> {
  const { merchant, store, terminal } = shop
  const key = merchant.id.slice(4)
  await db.transaction(async (tx) => {
    await tx.many(sql`
      create temporary table day on commit drop as
      select n, md5(${key} || n) as hex, (1000 + n % 9000)::bigint as amount,
        (1000 + n % 9000)::bigint * ${FEE_BASIS_POINTS}::int / 10000 as fee,
        ${from}::timestamptz + make_interval(secs => n * 86400.0 / ${payments}::int) as at
      from generate_series(0, ${payments}::int - 1) as n`)
    await tx.many(sql`
      insert into invoices (id, code, chain_invoice, merchant_id, store_id, terminal_id, order_id, amount,
        tax_free_amount, metadata, status, version, expires_at, created_at, paid_at)
      select 'inv_' || hex, upper(hex), '0x' || hex, ${merchant.id}, ${store.id}, ${terminal.id}, 'order ' || n,
        amount, 0, '{}'::jsonb, 'paid', 3, at, at, at from day`)
    await tx.many(sql`
      insert into payments (id, invoice_id, merchant_id, chain_id, chain_invoice, payer, merchant_address, amount,
        fee_basis_points, fee, nonce, valid_before, signature, status, tx_hash, block_number, log_index, settled_at,
        created_at)
      select 'pay_' || hex, 'inv_' || hex, ${merchant.id}, ${chainId}, '0x' || hex, '0x' || substr(hex || hex, 1, 40),
        ${merchant.settlementAddress}, amount, ${FEE_BASIS_POINTS}, fee, 0, at, '0x' || hex || hex || hex || hex,
        'settled', '0x' || hex || hex, n / 200, n % 200, at, at from day`)
    await tx.many(sql`
      insert into chain_events (chain_id, tx_hash, log_index, block_number, block_time, kind, chain_invoice, payer,
        merchant_address, amount, payment_id)
      select ${chainId}, '0x' || hex || hex, n % 200, n / 200, at, 'paid', '0x' || hex,
        '0x' || substr(hex || hex, 1, 40), ${merchant.settlementAddress}, amount, 'pay_' || hex from day`)
    await tx.many(sql`
      insert into ledger_transactions (id, kind, merchant_id, payment_id, posted_at)
      select 'settle:pay_' || hex, 'settlement', ${merchant.id}, 'pay_' || hex, at from day`)
    await tx.many(sql`
      insert into ledger_postings (transaction_id, line, account, amount)
      select 'settle:pay_' || hex, line, account, posted from day, lateral (values
        (0, 'payer:0x' || substr(hex || hex, 1, 40), -amount), (1, ${`merchant:${merchant.id}`}, amount),
        (2, ${`merchant:${merchant.id}`}, -fee), (3, 'operator:fees', fee)) as p (line, account, posted)
      where posted <> 0`)
  })
}
