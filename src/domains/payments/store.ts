import { Fault } from '../../kernel/errors.ts'
import type { Hex } from '../../kernel/hex.ts'
import type { BatchId, InvoiceId, MerchantId, PaymentId } from '../../kernel/ids.ts'
import { sourcesOf } from '../../kernel/machine.ts'
import { basisPoints, type Won, won } from '../../kernel/money.ts'
import type { Queryable } from '../../platform/db/db.ts'
import { brokenUniqueConstraint } from '../../platform/db/failures.ts'
import { sql } from '../../platform/db/sql.ts'
import { PAYMENT_MOVES, type Payment, type PaymentStatus } from './payment.ts'

type PaymentRow = {
  id: PaymentId
  invoice_id: InvoiceId
  merchant_id: MerchantId
  chain_id: bigint
  chain_invoice: Hex
  payer: Hex
  merchant_address: Hex
  amount: bigint
  fee_basis_points: number
  fee: bigint
  nonce: bigint
  valid_before: Date
  signature: Hex
  status: PaymentStatus
  reason: string | null
  batch_id: BatchId | null
  tx_hash: Hex | null
  block_number: bigint | null
  log_index: number | null
  settled_at: Date | null
  approved_at: Date | null
  created_at: Date
  traceparent: string | null
}

/**
 * Writes new payments, all or none. Throws `nonce_used` or `invoice_paying` when a constraint refuses a second use or a
 * second live payment.
 */
export async function insertPayments(db: Queryable, payments: readonly Payment[]): Promise<void> {
  const column = <Value>(value: (payment: Payment) => Value) => payments.map(value)
  try {
    await db.many(sql`
      insert into payments (id, invoice_id, merchant_id, chain_id, chain_invoice, payer, merchant_address, amount,
        fee_basis_points, fee, nonce, valid_before, signature, status, approved_at, created_at, traceparent)
      select * from unnest(${column((one) => one.id)}::text[], ${column((one) => one.invoiceId)}::text[],
        ${column((one) => one.merchantId)}::text[], ${column((one) => one.chainId)}::bigint[],
        ${column((one) => one.chainInvoice)}::text[], ${column((one) => one.payer)}::text[],
        ${column((one) => one.merchantAddress)}::text[], ${column((one) => one.amount)}::bigint[],
        ${column((one) => one.feeBasisPoints)}::int[], ${column((one) => one.fee)}::bigint[],
        ${column((one) => one.nonce)}::bigint[], ${column((one) => one.validBefore)}::timestamptz[],
        ${column((one) => one.signature)}::text[], ${column((one) => one.status)}::text[],
        ${column((one) => one.approvedAt ?? null)}::timestamptz[], ${column((one) => one.createdAt)}::timestamptz[],
        ${column((one) => one.traceparent ?? null)}::text[])`)
  } catch (error) {
    const constraint = brokenUniqueConstraint(error)
    if (constraint === 'payments_one_use_of_a_nonce') throw new Fault('nonce_used')
    if (constraint === 'payments_one_live') throw new Fault('invoice_paying')
    throw error
  }
}

/** The newest payment of an invoice: the live one when there is one. */
export async function findLatestPayment(
  db: Queryable,
  invoiceId: InvoiceId,
): Promise<Payment | undefined> {
  return (await latestPayments(db, [invoiceId])).get(invoiceId)
}

export async function latestPayments(
  db: Queryable,
  invoiceIds: readonly InvoiceId[],
): Promise<Map<InvoiceId, Payment>> {
  const rows = await db.many<PaymentRow>(sql`
    select distinct on (invoice_id) * from payments where invoice_id = any(${invoiceIds})
    order by invoice_id, id desc`)
  return new Map(rows.map((row) => [row.invoice_id, fromRow(row)]))
}

/** Makes confirmations of the same payers wait for each other until this transaction ends. */
export async function lockPayers(tx: Queryable, payers: readonly Hex[]): Promise<void> {
  await tx.many(sql`
    select pg_advisory_xact_lock(hashtextextended('payer ' || payer, 0))
    from (select distinct payer from unnest(${payers}::text[]) as p (payer) order by payer) as payers`)
}

/** What each of these payers has promised and the chain has not yet taken. Who has promised nothing is left out. */
export async function inFlightAmounts(
  db: Queryable,
  payers: readonly Hex[],
): Promise<Map<Hex, Won>> {
  const rows = await db.many<{ payer: Hex; total: bigint }>(sql`
    select payer, sum(amount)::bigint as total from payments
    where payer = any(${payers}) and status in ('authorised', 'settling') group by payer`)
  return new Map(rows.map((row) => [row.payer, won(row.total)]))
}

/** Every `of`th of the payments that wait, from `index` on; those that nobody took for a second are everybody's. */
type Share = { readonly index: number; readonly of: number }

/** Payments that wait for a batch, oldest first: new ones, and those whose batch was mined as failed; none `aside`. */
export async function listWaitingPayments(
  db: Queryable,
  chainId: number,
  share: Share,
  aside: readonly PaymentId[],
  limit: number,
): Promise<Payment[]> {
  const rows = await db.many<PaymentRow>(sql`
    select * from payments
    where chain_id = ${chainId}
      and (status = 'authorised' or (status = 'settling' and batch_id is null))
      and (${share.of} = 1 or abs(hashtext(id) % ${share.of}) = ${share.index}
        or created_at < now() - interval '1 second')
      and id <> all(${aside})
    order by created_at, id limit ${limit}`)
  return rows.map(fromRow)
}

/** How many payments wait, counted up to `limit`, and since when. */
export async function waitingSummary(
  db: Queryable,
  chainId: number,
  share: Share,
  limit: number,
): Promise<{ readonly waiting: number; readonly oldest: Date | undefined }> {
  const row = await db.one<{ waiting: number; oldest: Date | null }>(sql`
    select count(*)::int as waiting, min(created_at) as oldest from (
      select created_at from payments
      where chain_id = ${chainId}
        and (status = 'authorised' or (status = 'settling' and batch_id is null))
        and (${share.of} = 1 or abs(hashtext(id) % ${share.of}) = ${share.index}
          or created_at < now() - interval '1 second')
      order by created_at, id limit ${limit}) as w`)
  return { waiting: row?.waiting ?? 0, oldest: row?.oldest ?? undefined }
}

/** Puts waiting payments into a batch. Returns how many were still waiting. */
export async function assignToBatch(
  db: Queryable,
  ids: readonly PaymentId[],
  batchId: BatchId,
): Promise<number> {
  const rows = await db.many(sql`
    update payments set status = 'settling', batch_id = ${batchId}
    where id = any(${ids})
      and (status = any(${sourcesOf(PAYMENT_MOVES, 'settling')})
        or (status = 'settling' and batch_id is null))
    returning id`)
  return rows.length
}

/** Sets the payments of a failed batch waiting again. */
export async function detachFromBatch(db: Queryable, batchId: BatchId): Promise<PaymentId[]> {
  const rows = await db.many<{ id: PaymentId }>(sql`
    update payments set batch_id = null where batch_id = ${batchId} and status = 'settling' returning id`)
  return rows.map((row) => row.id)
}

/** The payments of a batch that still settle. */
export async function listRiders(db: Queryable, batchId: BatchId): Promise<Payment[]> {
  const rows = await db.many<PaymentRow>(
    sql`select * from payments where batch_id = ${batchId} and status = 'settling'`,
  )
  return rows.map(fromRow)
}

export type Settled = {
  readonly id: PaymentId
  readonly txHash: Hex
  readonly blockNumber: bigint
  readonly logIndex: number
  readonly at: Date
}

/** Settles payments by their own `Paid` logs. Returns those that were not settled before. */
export async function settlePayments(
  db: Queryable,
  settled: readonly Settled[],
): Promise<Payment[]> {
  const rows = await db.many<PaymentRow>(sql`
    update payments p set status = 'settled', tx_hash = s.tx_hash, block_number = s.block_number,
      log_index = s.log_index, settled_at = s.at
    from unnest(${settled.map((one) => one.id)}::text[], ${settled.map((one) => one.txHash)}::text[],
      ${settled.map((one) => one.blockNumber)}::bigint[], ${settled.map((one) => one.logIndex)}::int[],
      ${settled.map((one) => one.at)}::timestamptz[]) as s (id, tx_hash, block_number, log_index, at)
    where p.id = s.id and p.status = any(${sourcesOf(PAYMENT_MOVES, 'settled')})
    returning p.*`)
  return rows.map(fromRow)
}

export type Refused = { readonly id: PaymentId; readonly reason: string }

export async function refusePayments(
  db: Queryable,
  refused: readonly Refused[],
): Promise<Payment[]> {
  const rows = await db.many<PaymentRow>(sql`
    update payments p set status = 'refused', reason = r.reason
    from unnest(${refused.map((one) => one.id)}::text[], ${refused.map((one) => one.reason)}::text[]) as r (id, reason)
    where p.id = r.id and p.status = any(${sourcesOf(PAYMENT_MOVES, 'refused')})
    returning p.*`)
  return rows.map(fromRow)
}

/** Stops payments whose proof contradicts our rows. A person decides; the invoice stays blocked. */
export async function holdPayments(db: Queryable, held: readonly Refused[]): Promise<void> {
  await db.many(sql`
    update payments p set status = 'review', reason = r.reason
    from unnest(${held.map((one) => one.id)}::text[], ${held.map((one) => one.reason)}::text[]) as r (id, reason)
    where p.id = r.id and p.status = any(${sourcesOf(PAYMENT_MOVES, 'review')})`)
}

/** The live or settled payment behind each invoice that a log names. */
export async function paymentsByChainInvoice(
  db: Queryable,
  chainInvoices: readonly Hex[],
): Promise<Map<Hex, Payment>> {
  const rows = await db.many<PaymentRow>(sql`
    select distinct on (chain_invoice) * from payments
    where chain_invoice = any(${chainInvoices}) and status <> 'refused'
    order by chain_invoice, id desc`)
  return new Map(rows.map((row) => [row.chain_invoice, fromRow(row)]))
}

function fromRow(row: PaymentRow): Payment {
  return {
    id: row.id,
    invoiceId: row.invoice_id,
    merchantId: row.merchant_id,
    chainId: Number(row.chain_id),
    chainInvoice: row.chain_invoice,
    payer: row.payer,
    merchantAddress: row.merchant_address,
    amount: won(row.amount),
    feeBasisPoints: basisPoints(row.fee_basis_points),
    fee: won(row.fee),
    nonce: Number(row.nonce),
    validBefore: row.valid_before,
    signature: row.signature,
    status: row.status,
    reason: row.reason ?? undefined,
    batchId: row.batch_id ?? undefined,
    txHash: row.tx_hash ?? undefined,
    blockNumber: row.block_number ?? undefined,
    logIndex: row.log_index ?? undefined,
    settledAt: row.settled_at ?? undefined,
    approvedAt: row.approved_at ?? undefined,
    createdAt: row.created_at,
    traceparent: row.traceparent ?? undefined,
  }
}
