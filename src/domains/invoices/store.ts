import { Fault } from '../../kernel/errors.ts'
import type { Hex } from '../../kernel/hex.ts'
import type { InvoiceId, MerchantId, StoreId, TerminalId } from '../../kernel/ids.ts'
import { sourcesOf } from '../../kernel/machine.ts'
import { won } from '../../kernel/money.ts'
import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'
import { INVOICE_MOVES, type Invoice, type InvoiceStatus } from './invoice.ts'

type InvoiceRow = {
  id: InvoiceId
  code: string
  chain_invoice: Hex
  merchant_id: MerchantId
  store_id: StoreId
  terminal_id: TerminalId
  order_id: string | null
  amount: bigint
  tax_free_amount: bigint
  description: string | null
  metadata: Record<string, string>
  status: InvoiceStatus
  version: number
  expires_at: Date
  created_at: Date
  paid_at: Date | null
}

/** Throws `order_exists`, naming the invoice in the way, when the store has one for this order. */
export async function insertInvoice(db: Queryable, invoice: Invoice): Promise<void> {
  const inserted = await db.one(sql`
    insert into invoices (id, code, chain_invoice, merchant_id, store_id, terminal_id, order_id, amount,
      tax_free_amount, description, metadata, status, version, expires_at, created_at)
    values (${invoice.id}, ${invoice.code}, ${invoice.chainInvoice}, ${invoice.merchantId},
      ${invoice.storeId}, ${invoice.terminalId}, ${invoice.orderId ?? null}, ${invoice.amount},
      ${invoice.taxFreeAmount}, ${invoice.description ?? null}, ${JSON.stringify(invoice.metadata)},
      ${invoice.status}, ${invoice.version}, ${invoice.expiresAt}, ${invoice.createdAt})
    on conflict (store_id, order_id) do nothing
    returning id`)
  if (inserted !== undefined) return
  const first = await db.one<{ id: InvoiceId }>(sql`
    select id from invoices
    where store_id = ${invoice.storeId} and order_id = ${invoice.orderId ?? null}`)
  throw new Fault('order_exists', `Invoice ${first?.id} is for order ${invoice.orderId}`, {
    fields: [{ field: '/order_id', code: 'exists' }],
    extra: { invoice_id: first?.id ?? '' },
  })
}

export async function getInvoice(db: Queryable, id: InvoiceId): Promise<Invoice> {
  const row = await db.one<InvoiceRow>(sql`select * from invoices where id = ${id}`)
  if (row === undefined) throw new Fault('not_found', `There is no invoice ${id}`)
  return fromRow(row)
}

/** An invoice of this merchant. Another merchant's invoice does not exist for it. */
export async function getMerchantInvoice(
  db: Queryable,
  merchantId: MerchantId,
  id: InvoiceId,
): Promise<Invoice> {
  const row = await db.one<InvoiceRow>(
    sql`select * from invoices where id = ${id} and merchant_id = ${merchantId}`,
  )
  if (row === undefined) throw new Fault('not_found', `There is no invoice ${id}`)
  return fromRow(row)
}

export async function getInvoiceByCode(db: Queryable, code: string): Promise<Invoice> {
  const row = await db.one<InvoiceRow>(sql`select * from invoices where code = ${code}`)
  if (row === undefined) throw new Fault('not_found', 'There is no invoice behind this code')
  return fromRow(row)
}

/** Who sells, as a shopper reads it: names of the shop, of the store, and the label of the terminal. */
export type Seller = { readonly shop: string; readonly store: string; readonly terminal: string }

export async function sellersOf(
  db: Queryable,
  ids: readonly InvoiceId[],
): Promise<Map<InvoiceId, Seller>> {
  const rows = await db.many<Seller & { id: InvoiceId }>(sql`
    select i.id, m.name as shop, s.name as store, t.label as terminal from invoices i
    join merchants m on m.id = i.merchant_id
    join stores s on s.id = i.store_id
    join terminals t on t.id = i.terminal_id
    where i.id = any(${ids})`)
  return new Map(rows.map(({ id, ...seller }) => [id, seller]))
}

/** The invoices behind these codes, by code; an unknown one is left out. */
export async function invoicesByCode(
  db: Queryable,
  codes: readonly string[],
): Promise<Map<string, Invoice>> {
  const rows = await db.many<InvoiceRow>(sql`select * from invoices where code = any(${codes})`)
  return new Map(rows.map((row) => [row.code, fromRow(row)]))
}

export type InvoiceFilter = {
  readonly merchantId: MerchantId
  readonly terminalId: TerminalId | undefined
  readonly status: InvoiceStatus | undefined
  readonly orderId: string | undefined
  readonly from: Date | undefined
  readonly to: Date | undefined
  /** The id of the last invoice of the page before: newest first. */
  readonly startingAfter: InvoiceId | undefined
  readonly limit: number
}

export async function listInvoices(db: Queryable, filter: InvoiceFilter): Promise<Invoice[]> {
  const rows = await db.many<InvoiceRow>(sql`
    select * from invoices
    where merchant_id = ${filter.merchantId}
      and (${filter.terminalId ?? null}::text is null or terminal_id = ${filter.terminalId ?? null})
      and (${filter.status ?? null}::text is null or status = ${filter.status ?? null})
      and (${filter.orderId ?? null}::text is null or order_id = ${filter.orderId ?? null})
      and (${filter.from ?? null}::timestamptz is null or created_at >= ${filter.from ?? null})
      and (${filter.to ?? null}::timestamptz is null or created_at < ${filter.to ?? null})
      and (${filter.startingAfter ?? null}::text is null or id < ${filter.startingAfter ?? null})
    order by id desc limit ${filter.limit}`)
  return rows.map(fromRow)
}

/** Moves one invoice by compare-and-set. Undefined when it was not in a state for that: someone was first. */
export async function moveInvoice(
  db: Queryable,
  id: InvoiceId,
  to: InvoiceStatus,
): Promise<Invoice | undefined> {
  const row = await db.one<InvoiceRow>(sql`
    update invoices set status = ${to}, version = version + 1
    where id = ${id} and status = any(${sourcesOf(INVOICE_MOVES, to)}) returning *`)
  return row === undefined ? undefined : fromRow(row)
}

/** Which of these invoices are open and have not expired; nobody else moves them until this transaction ends. */
export async function lockPayableInvoices(
  tx: Queryable,
  ids: readonly InvoiceId[],
  at: Date,
): Promise<Set<InvoiceId>> {
  const rows = await tx.many<{ id: InvoiceId }>(sql`
    select id from invoices where id = any(${ids}) and status = 'open' and expires_at > ${at}
    order by id for update`)
  return new Set(rows.map((row) => row.id))
}

/** Takes open invoices, each for one payment. Returns them as they are now. */
export async function takeInvoices(
  db: Queryable,
  ids: readonly InvoiceId[],
): Promise<Map<InvoiceId, Invoice>> {
  const rows = await db.many<InvoiceRow>(sql`
    update invoices set status = 'paying', version = version + 1
    where id = any(${ids}) and status = 'open' returning *`)
  return new Map(rows.map((row) => [row.id, fromRow(row)]))
}

export async function payInvoices(
  db: Queryable,
  paid: readonly { readonly id: InvoiceId; readonly at: Date }[],
): Promise<void> {
  await db.many(sql`
    update invoices i set status = 'paid', paid_at = p.at, version = version + 1
    from unnest(${paid.map((one) => one.id)}::text[], ${paid.map((one) => one.at)}::timestamptz[]) as p (id, at)
    where i.id = p.id and i.status = any(${sourcesOf(INVOICE_MOVES, 'paid')})`)
}

/** Gives invoices back whose payment was refused: open while there is time, expired when there is none. Returns them. */
export async function releaseInvoices(
  db: Queryable,
  ids: readonly InvoiceId[],
  at: Date,
): Promise<Invoice[]> {
  const rows = await db.many<InvoiceRow>(sql`
    update invoices set version = version + 1,
      status = case when expires_at > ${at} then 'open' else 'expired' end
    where id = any(${ids}) and status = 'paying' returning *`)
  return rows.map(fromRow)
}

/** Expires up to `limit` open invoices whose time is over, and returns them. */
export async function expireInvoices(db: Queryable, at: Date, limit: number): Promise<Invoice[]> {
  const rows = await db.many<InvoiceRow>(sql`
    update invoices set status = 'expired', version = version + 1
    where id in (
      select id from invoices where status = 'open' and expires_at <= ${at}
      order by expires_at limit ${limit} for update skip locked)
    returning *`)
  return rows.map(fromRow)
}

/** Which of these invoices have a newer version than the one that a reader knows. */
export async function changedInvoices(
  db: Queryable,
  known: readonly { readonly id: InvoiceId; readonly version: number }[],
): Promise<InvoiceId[]> {
  const rows = await db.many<{ id: InvoiceId }>(sql`
    select i.id from invoices i
    join unnest(${known.map((one) => one.id)}::text[], ${known.map((one) => one.version)}::int[]) as k (id, version)
      on k.id = i.id and i.version > k.version`)
  return rows.map((row) => row.id)
}

function fromRow(row: InvoiceRow): Invoice {
  return {
    id: row.id,
    code: row.code,
    chainInvoice: row.chain_invoice,
    merchantId: row.merchant_id,
    storeId: row.store_id,
    terminalId: row.terminal_id,
    orderId: row.order_id ?? undefined,
    amount: won(row.amount),
    taxFreeAmount: won(row.tax_free_amount),
    description: row.description ?? undefined,
    metadata: row.metadata,
    status: row.status,
    version: row.version,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    paidAt: row.paid_at ?? undefined,
  }
}
