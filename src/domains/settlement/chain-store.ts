import type { Hex } from '../../kernel/hex.ts'
import type { PaymentId } from '../../kernel/ids.ts'
import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'

/** The last block whose logs are in the database, and its time on chain. */
export type Cursor = { readonly blockNumber: bigint; readonly blockTime: Date }

export async function readCursor(db: Queryable, stream: string): Promise<Cursor | undefined> {
  const row = await db.one<{ block_number: bigint; block_time: Date }>(
    sql`select block_number, block_time from chain_cursors where stream = ${stream}`,
  )
  return row === undefined
    ? undefined
    : { blockNumber: row.block_number, blockTime: row.block_time }
}

/** Sets a cursor forward. A slower reader never sets it back. */
export async function advanceCursor(db: Queryable, stream: string, to: Cursor): Promise<void> {
  await db.many(sql`
    insert into chain_cursors as known (stream, block_number, block_time)
    values (${stream}, ${to.blockNumber}, ${to.blockTime})
    on conflict (stream) do update set
      block_number = excluded.block_number, block_time = excluded.block_time
    where known.block_number < excluded.block_number`)
}

/** A `Paid` or `Skipped` log of the token, as it stands on chain. */
export type ChainEvent = {
  readonly chainId: number
  readonly txHash: Hex
  readonly logIndex: number
  readonly blockNumber: bigint
  readonly blockTime: Date
  readonly kind: 'paid' | 'skipped'
  readonly chainInvoice: Hex
  readonly payer: Hex
  readonly merchantAddress: Hex | undefined
  readonly amount: bigint | undefined
  readonly reason: string | undefined
  readonly paymentId: PaymentId | undefined
}

/**
 * What names a log for good: a block that a node lost and made anew may number its logs otherwise, and may be another
 * block.
 */
export function logKey(log: {
  readonly txHash: Hex
  readonly kind: string
  readonly invoice: Hex
  readonly payer: Hex
}): string {
  return `${log.txHash} ${log.kind} ${log.invoice} ${log.payer}`
}

/** Which logs of these transactions are in the database, by their keys. */
export async function knownEvents(
  db: Queryable,
  chainId: number,
  txHashes: readonly Hex[],
): Promise<Set<string>> {
  if (txHashes.length === 0) return new Set()
  const rows = await db.many<{ txHash: Hex; kind: string; invoice: Hex; payer: Hex }>(sql`
    select tx_hash as "txHash", kind, chain_invoice as invoice, payer from chain_events
    where chain_id = ${chainId} and tx_hash = any(${txHashes})`)
  return new Set(rows.map(logKey))
}

/** Records logs, each once. */
export async function insertChainEvents(
  db: Queryable,
  events: readonly ChainEvent[],
): Promise<void> {
  if (events.length === 0) return
  const rows = events.map((event) => ({
    chain_id: event.chainId,
    tx_hash: event.txHash,
    log_index: event.logIndex,
    block_number: String(event.blockNumber),
    block_time: event.blockTime,
    kind: event.kind,
    chain_invoice: event.chainInvoice,
    payer: event.payer,
    merchant_address: event.merchantAddress ?? null,
    amount: event.amount === undefined ? null : String(event.amount),
    reason: event.reason ?? null,
    payment_id: event.paymentId ?? null,
  }))
  await db.many(sql`
    insert into chain_events (chain_id, tx_hash, log_index, block_number, block_time, kind,
      chain_invoice, payer, merchant_address, amount, reason, payment_id)
    select chain_id, tx_hash, log_index, block_number, block_time, kind,
      chain_invoice, payer, merchant_address, amount, reason, payment_id
    from jsonb_populate_recordset(null::chain_events, ${JSON.stringify(rows)}::jsonb)
    on conflict do nothing`)
}

/** The name of the cursor of one token's logs. */
export function settlementStream(chain: { readonly chainId: number; readonly token: Hex }): string {
  return `settlements:${chain.chainId}:${chain.token}`
}
