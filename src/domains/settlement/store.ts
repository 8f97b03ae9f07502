import type { Hex } from '../../kernel/hex.ts'
import type { BatchId, PaymentId } from '../../kernel/ids.ts'
import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'
import type { Attempt, Batch } from './batch.ts'

export type LaneKey = { readonly chainId: number; readonly address: Hex }

/** Opens a lane at the account's nonce on chain. A lane that is known keeps its own count. */
export async function openLane(db: Queryable, lane: LaneKey, chainNonce: bigint): Promise<void> {
  await db.many(sql`
    insert into lanes (chain_id, address, next_nonce)
    values (${lane.chainId}, ${lane.address}, ${chainNonce})
    on conflict (chain_id, address) do nothing`)
}

export async function nextNonce(db: Queryable, lane: LaneKey): Promise<bigint | undefined> {
  const row = await db.one<{ next_nonce: bigint }>(sql`
    select next_nonce from lanes where chain_id = ${lane.chainId} and address = ${lane.address}`)
  return row?.next_nonce
}

/** Writes a batch, its payments and its first signed raw transaction. False when its nonce was taken meanwhile. */
export async function journalBatch(
  tx: Queryable,
  batch: Batch,
  attempt: Attempt,
  payments: readonly PaymentId[],
): Promise<boolean> {
  const lane = await tx.one(sql`
    update lanes set next_nonce = next_nonce + 1
    where chain_id = ${batch.chainId} and address = ${batch.lane} and next_nonce = ${batch.nonce}
    returning next_nonce`)
  if (lane === undefined) return false
  await tx.many(sql`
    insert into settlement_batches (id, chain_id, lane, nonce, status, created_at)
    values (${batch.id}, ${batch.chainId}, ${batch.lane}, ${batch.nonce}, 'journaled', ${batch.createdAt})`)
  await tx.many(sql`
    insert into batch_payments (batch_id, payment_id)
    select ${batch.id}, id from unnest(${payments}::text[]) as p (id)`)
  await insertAttempt(tx, attempt)
  return true
}

export async function insertAttempt(db: Queryable, attempt: Attempt): Promise<void> {
  await db.many(sql`
    insert into batch_attempts (tx_hash, batch_id, attempt, raw, max_fee_per_gas, signed_at)
    values (${attempt.txHash}, ${attempt.batchId}, ${attempt.attempt}, ${attempt.raw},
      ${attempt.maxFeePerGas}, ${attempt.signedAt})`)
}

export type InFlight = {
  readonly batchId: BatchId
  readonly nonce: bigint
  readonly txHash: Hex
  readonly raw: Hex
}

/** The newest attempt of every batch of a lane that no block has taken yet, lowest nonce first. */
export async function listInFlight(db: Queryable, lane: LaneKey): Promise<InFlight[]> {
  return db.many<InFlight>(sql`
    select distinct on (b.nonce) b.id as "batchId", b.nonce, a.tx_hash as "txHash", a.raw
    from settlement_batches b join batch_attempts a on a.batch_id = b.id
    where b.chain_id = ${lane.chainId} and b.lane = ${lane.address} and b.status = 'journaled'
    order by b.nonce, a.attempt desc`)
}

/** Mined transactions of a lane from a nonce on, for a node that lost their blocks and must hear them again. */
export async function listMinedFrom(db: Queryable, lane: LaneKey, nonce: bigint): Promise<Hex[]> {
  const rows = await db.many<{ raw: Hex }>(sql`
    select a.raw from settlement_batches b
    join batch_attempts a on a.batch_id = b.id
    where b.chain_id = ${lane.chainId} and b.lane = ${lane.address}
      and b.nonce >= ${nonce} and b.status <> 'journaled'
    order by b.nonce, a.attempt`)
  return rows.map((row) => row.raw)
}

export async function hashesOfBatch(db: Queryable, batchId: BatchId): Promise<Hex[]> {
  const rows = await db.many<{ tx_hash: Hex }>(
    sql`select tx_hash from batch_attempts where batch_id = ${batchId} order by attempt`,
  )
  return rows.map((row) => row.tx_hash)
}

/** Closes batches whose transaction a block has taken, by hash. */
export async function closeMined(
  db: Queryable,
  mined: readonly { readonly txHash: Hex; readonly blockNumber: bigint }[],
): Promise<void> {
  await db.many(sql`
    update settlement_batches b set status = 'mined', block_number = m.block_number
    from unnest(${mined.map((one) => one.txHash)}::text[], ${mined.map((one) => one.blockNumber)}::bigint[])
      as m (tx_hash, block_number)
    join batch_attempts a on a.tx_hash = m.tx_hash
    where b.id = a.batch_id and b.status = 'journaled'`)
}

/** Closes a batch that was mined as failed. False when someone was first. */
export async function closeFailed(
  db: Queryable,
  batchId: BatchId,
  blockNumber: bigint,
): Promise<boolean> {
  const row = await db.one(sql`
    update settlement_batches set status = 'failed', block_number = ${blockNumber}
    where id = ${batchId} and status = 'journaled' returning id`)
  return row !== undefined
}

/** In how many batches each payment has ridden. */
export async function ridesOf(
  db: Queryable,
  payments: readonly PaymentId[],
): Promise<Map<PaymentId, number>> {
  const rows = await db.many<{ id: PaymentId; rides: number }>(sql`
    select payment_id as id, count(*)::int as rides from batch_payments
    where payment_id = any(${payments}) group by payment_id`)
  return new Map(rows.map((row) => [row.id, row.rides]))
}

/** Which payment each skipped item of a transaction was, by its invoice on chain. */
export async function paymentsOfTransactions(
  db: Queryable,
  hashes: readonly Hex[],
): Promise<{ txHash: Hex; chainInvoice: Hex; paymentId: PaymentId }[]> {
  return db.many(sql`
    select a.tx_hash as "txHash", p.chain_invoice as "chainInvoice", p.id as "paymentId"
    from batch_attempts a
    join batch_payments bp on bp.batch_id = a.batch_id
    join payments p on p.id = bp.payment_id
    where a.tx_hash = any(${hashes})`)
}
