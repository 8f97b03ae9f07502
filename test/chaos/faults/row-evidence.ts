import type { Pool } from './servers.ts'

export type PaymentRow = {
  readonly id: string
  readonly invoice_id: string
  readonly merchant_id: string
  readonly payer: string
  readonly merchant_address: string
  readonly amount: bigint
  readonly fee: bigint
  readonly status: string
  readonly reason: string | null
  readonly tx_hash: string | null
  readonly block_number: bigint | null
  readonly log_index: number | null
}
export type InvoiceRow = { readonly id: string; readonly status: string }
/** A payment's ride in a batch, with one line for each signed transaction of that batch. */
export type RideRow = {
  readonly payment_id: string
  readonly batch_id: string
  readonly lane: string
  readonly nonce: bigint
  readonly tx_hash: string
}
export type AttemptRow = { readonly tx_hash: string; readonly lane: string; readonly nonce: bigint }
export type BatchRow = {
  readonly id: string
  readonly lane: string
  readonly nonce: bigint
  readonly status: string
}
export type PostingRow = {
  readonly transaction_id: string
  readonly payment_id: string
  readonly merchant_id: string
  readonly account: string
  readonly amount: bigint
}
export type EventRow = {
  readonly id: string
  readonly merchant_id: string
  readonly type: string
  readonly aggregate_id: string
  readonly body: string
}

/** What PostgreSQL says at the end. */
export type RowEvidence = {
  readonly payments: readonly PaymentRow[]
  readonly invoices: readonly InvoiceRow[]
  readonly rides: readonly RideRow[]
  readonly attempts: readonly AttemptRow[]
  readonly batches: readonly BatchRow[]
  readonly postings: readonly PostingRow[]
  readonly events: readonly EventRow[]
}

/** Events that came after `restedAt`, such as that of an invoice nobody paid, may still be on their way and are left out. */
export async function readRows(database: Pool, restedAt: Date): Promise<RowEvidence> {
  const wide = <Row extends Record<string, unknown>>(rows: readonly Row[]) => rows.map(bigints)
  return {
    payments: wide(await database.rows<PaymentRow>('select * from payments order by id')),
    invoices: await database.rows('select id, status from invoices'),
    rides: wide(
      await database.rows<RideRow>(`
        select bp.payment_id, bp.batch_id, b.lane, b.nonce, a.tx_hash from batch_payments bp
        join settlement_batches b on b.id = bp.batch_id join batch_attempts a on a.batch_id = b.id`),
    ),
    attempts: wide(
      await database.rows<AttemptRow>(`
        select a.tx_hash, b.lane, b.nonce from batch_attempts a
        join settlement_batches b on b.id = a.batch_id`),
    ),
    batches: wide(
      await database.rows<BatchRow>(
        'select id, lane, nonce, status from settlement_batches order by lane, nonce',
      ),
    ),
    postings: wide(
      await database.rows<PostingRow>(`
        select p.transaction_id, t.payment_id, t.merchant_id, p.account, p.amount
        from ledger_postings p join ledger_transactions t on t.id = p.transaction_id`),
    ),
    events: await database.rows(
      'select id, merchant_id, type, aggregate_id, body from events where created_at <= $1',
      [restedAt],
    ),
  }
}

const WIDE = ['amount', 'fee', 'nonce', 'block_number']

/** `pg` gives wide integers as text. */
function bigints<Row extends Record<string, unknown>>(row: Row): Row {
  const fields = Object.entries(row).map(([name, value]) =>
    WIDE.includes(name) && typeof value === 'string' ? [name, BigInt(value)] : [name, value],
  )
  return Object.fromEntries(fields) as Row
}

/** What is still to be done, in numbers; all zero when the product rests. */
export async function readWork(database: Pool) {
  const [work] = await database.rows<Record<Work, number>>(`
    select
      (select count(*)::int from payments where status in ('authorised', 'settling')) as payments,
      (select count(*)::int from settlement_batches where status = 'journaled') as batches,
      (select count(*)::int from outbox) as outbox,
      (select count(*)::int from webhook_deliveries where status = 'pending') as deliveries`)
  return work ?? { payments: 0, batches: 0, outbox: 0, deliveries: 0 }
}
type Work = 'payments' | 'batches' | 'outbox' | 'deliveries'

/** The rows that nobody may change or take away: those of tables that refuse it, and two that have no such guard. */
export type Witness = {
  look(): Promise<void>
  /** Rows that were there once and are not there unchanged now, in words. */
  changed(): readonly string[]
}

const UNGUARDED = ['events', 'batch_attempts', 'batch_payments']

export async function openWitness(database: Pool): Promise<Witness> {
  const guarded = await database.rows<{ name: string }>(
    `select distinct tgrelid::regclass::text as name from pg_trigger where tgname = 'append_only'`,
  )
  const tables = [...new Set([...guarded.map(({ name }) => name), ...UNGUARDED])]
  const seen = new Map<string, string>()
  const changed = new Set<string>()
  return {
    look: async () => {
      for (const table of tables) {
        // An update writes a row anew: at another place, by another transaction.
        const rows = await database.rows<{ place: string; hash: string }>(
          `select ctid::text || ' ' || xmin::text as place, md5(t::text) as hash from ${table} t`,
        )
        const now = new Map(rows.map(({ place, hash }) => [`${table} ${place}`, hash]))
        for (const [key, hash] of seen)
          if (key.startsWith(`${table} `) && now.get(key) !== hash) changed.add(key)
        for (const [key, hash] of now) seen.set(key, hash)
      }
    },
    changed: () => [...changed],
  }
}
