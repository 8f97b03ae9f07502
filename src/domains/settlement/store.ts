import type { Hex } from '../../kernel/hex.ts'
import type { BatchId, PaymentId } from '../../kernel/ids.ts'
import type { Queryable } from '../../platform/db/db.ts'
import type { Lease } from '../../platform/db/leases.ts'
import { sql } from '../../platform/db/sql.ts'
import type { Attempt, Batch, InFlight } from './batch.ts'
import { advanceLane, type LaneKey } from './lane-store.ts'

/** A node that lost more than this hears of the rest in the next round. */
const REMINDERS = 32

/** Writes a batch, its payments and its first signed raw transaction. False when its nonce was taken meanwhile. */
export async function journalBatch(
  tx: Queryable,
  batch: Batch,
  attempt: Attempt,
  payments: readonly PaymentId[],
): Promise<boolean> {
  if (!(await advanceLane(tx, batch, batch.nonce, batch.nonce + 1n))) return false
  if (!(await insertBatch(tx, batch, attempt))) return false
  await tx.many(sql`
    insert into batch_payments (batch_id, payment_id)
    select ${batch.id}, id from unnest(${payments}::text[]) as p (id)`)
  return true
}

/** Writes a batch and its first attempt under a nonce that is counted already. False when the nonce has a batch. */
export async function insertBatch(tx: Queryable, batch: Batch, attempt: Attempt): Promise<boolean> {
  const row = await tx.one(sql`
    insert into settlement_batches (id, chain_id, lane, nonce, status, journaled_at_block, created_at, traceparent)
    values (${batch.id}, ${batch.chainId}, ${batch.address}, ${batch.nonce}, 'journaled',
      ${batch.journaledAtBlock}, ${batch.createdAt}, ${batch.traceparent ?? null})
    on conflict do nothing returning id`)
  return row !== undefined && (await insertAttempt(tx, attempt))
}

/** Writes a signed raw transaction. False when the batch has an attempt of that number already. */
export async function insertAttempt(db: Queryable, attempt: Attempt): Promise<boolean> {
  const row = await db.one(sql`
    insert into batch_attempts (tx_hash, batch_id, attempt, raw, gas, max_fee_per_gas, signed_at)
    values (${attempt.txHash}, ${attempt.batchId}, ${attempt.attempt}, ${attempt.raw}, ${attempt.gas},
      ${attempt.maxFeePerGas}, ${attempt.signedAt})
    on conflict do nothing returning attempt`)
  return row !== undefined
}

type InFlightRow = Omit<InFlight, 'maxFeePerGas'> & { readonly maxFeePerGas: string }

/** The newest attempt of every batch of a lane that no block is known to have taken, lowest nonce first. */
export async function listInFlight(db: Queryable, lane: LaneKey): Promise<InFlight[]> {
  const rows = await db.many<InFlightRow>(sql`
    select distinct on (b.nonce) b.id as "batchId", b.nonce, b.journaled_at_block as "journaledAtBlock", b.traceparent,
      a.tx_hash as "txHash", a.attempt, a.gas, a.max_fee_per_gas::text as "maxFeePerGas"
    from settlement_batches b join batch_attempts a on a.batch_id = b.id
    where b.chain_id = ${lane.chainId} and b.lane = ${lane.address} and b.status = 'journaled'
    order by b.nonce, a.attempt desc`)
  return rows.map((row) => ({ ...row, maxFeePerGas: BigInt(row.maxFeePerGas) }))
}

/** The signed bytes of transactions, as the journal has them. Nothing for a holder whose lease is another's by now. */
export async function readRaws(
  db: Queryable,
  hashes: readonly Hex[],
  lease: Lease,
): Promise<Map<Hex, Hex>> {
  const rows = await db.many<{ hash: Hex; raw: Hex }>(sql`
    select tx_hash as hash, raw from batch_attempts
    where tx_hash = any(${hashes}) and exists (
      select from leases where name = ${lease.name} and holder = ${lease.holder}
        and epoch = ${lease.epoch} and expires_at > now())`)
  return new Map(rows.map((row) => [row.hash, row.raw]))
}

/** Whether the journal has a transaction under this nonce that was in a block. */
export async function hasMined(db: Queryable, lane: LaneKey, nonce: bigint): Promise<boolean> {
  const row = await db.one(sql`
    select 1 from settlement_batches
    where chain_id = ${lane.chainId} and lane = ${lane.address} and nonce = ${nonce}
      and status <> 'journaled' limit 1`)
  return row !== undefined
}

/**
 * Mined transactions of a lane from a nonce on, for a node that lost their blocks and must hear them again. Of each nonce
 * the attempt whose logs were read comes first: any other would make another history.
 */
export async function listMinedFrom(
  db: Queryable,
  lane: LaneKey,
  nonce: bigint,
): Promise<readonly { readonly nonce: bigint; readonly txHash: Hex }[]> {
  return db.many(sql`
    select b.nonce, a.tx_hash as "txHash" from settlement_batches b
    join batch_attempts a on a.batch_id = b.id
    where b.chain_id = ${lane.chainId} and b.lane = ${lane.address}
      and b.nonce >= ${nonce} and b.status <> 'journaled'
    order by b.nonce, exists (select from chain_events e
      where e.chain_id = b.chain_id and e.tx_hash = a.tx_hash) desc, a.attempt desc
    limit ${REMINDERS}`)
}

export async function hashesOfBatch(db: Queryable, batchId: BatchId): Promise<Hex[]> {
  const rows = await db.many<{ tx_hash: Hex }>(
    sql`select tx_hash from batch_attempts where batch_id = ${batchId} order by attempt`,
  )
  return rows.map((row) => row.tx_hash)
}

/** Closes batches whose transaction a block has taken, by hash. Returns how many were open. */
export async function closeMined(
  db: Queryable,
  mined: readonly { readonly txHash: Hex; readonly blockNumber: bigint }[],
): Promise<number> {
  const rows = await db.many(sql`
    update settlement_batches b set status = 'mined', block_number = m.block_number
    from unnest(${mined.map((one) => one.txHash)}::text[], ${mined.map((one) => one.blockNumber)}::bigint[])
      as m (tx_hash, block_number)
    join batch_attempts a on a.tx_hash = m.tx_hash
    where b.id = a.batch_id and b.status = 'journaled' returning b.id`)
  return rows.length
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

/**
 * The first block of batches some of whose logs were not read: mined ones with payments that still settle and, if
 * asked, failed ones with payments that are held.
 */
export async function firstStragglerBlock(
  db: Queryable,
  lane: LaneKey,
  withHeld: boolean,
): Promise<bigint | undefined> {
  const row = await db.one<{ block: bigint | null }>(sql`
    select min(least(b.block_number, b.journaled_at_block)) as block
    from payments p join settlement_batches b on b.id = p.batch_id
    where b.chain_id = ${lane.chainId} and b.lane = ${lane.address}
      and ((p.status = 'settling' and b.status = 'mined')
        or (${withHeld} and p.status = 'review' and b.status = 'failed'))`)
  return row?.block ?? undefined
}

/** Closes a batch that nobody rides on. */
export async function closeEmpty(
  db: Queryable,
  batchId: BatchId,
  blockNumber: bigint,
): Promise<void> {
  await db.many(sql`
    update settlement_batches set status = 'mined', block_number = ${blockNumber}
    where id = ${batchId} and status = 'journaled'`)
}
