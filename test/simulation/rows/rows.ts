import type { Hex } from '../../../src/kernel/hex.ts'
import { type Change, Table } from './table.ts'

/** Rows as PostgreSQL gives them back: its names, `int8` as bigint, times as dates. */
export type InvoiceRow = {
  readonly id: string
  readonly code: string
  readonly chain_invoice: Hex
  readonly merchant_id: string
  readonly store_id: string
  readonly terminal_id: string
  readonly order_id: null
  readonly amount: bigint
  readonly tax_free_amount: bigint
  readonly description: null
  readonly metadata: Readonly<Record<string, string>>
  readonly status: string
  readonly version: number
  readonly expires_at: Date
  readonly created_at: Date
  readonly paid_at: Date | null
}

export type PaymentRow = {
  /** The order of writing, which no statement shows: ids of one millisecond sort by chance. */
  readonly place: number
  readonly id: string
  readonly invoice_id: string
  readonly merchant_id: string
  readonly chain_id: bigint
  readonly chain_invoice: Hex
  readonly payer: Hex
  readonly merchant_address: Hex
  readonly amount: bigint
  readonly fee_basis_points: number
  readonly fee: bigint
  readonly nonce: bigint
  readonly valid_before: Date
  readonly signature: Hex
  readonly status: string
  readonly reason: string | null
  readonly batch_id: string | null
  readonly tx_hash: Hex | null
  readonly block_number: bigint | null
  readonly log_index: number | null
  readonly settled_at: Date | null
  readonly approved_at: Date | null
  readonly traceparent: string | null
  readonly created_at: Date
}

export type NonceRow = {
  readonly payer: Hex
  readonly nonce: bigint
  readonly invoice_id: string
  readonly valid_before: Date
}

export type LaneRow = {
  readonly address: Hex
  readonly next_nonce: bigint
  readonly is_dry: boolean
}

export type BatchRow = {
  readonly id: string
  readonly lane: Hex
  readonly nonce: bigint
  readonly status: 'journaled' | 'mined' | 'failed'
  readonly block_number: bigint | null
  readonly journaled_at_block: bigint
}

export type AttemptRow = {
  readonly tx_hash: Hex
  readonly batch_id: string
  readonly attempt: number
  readonly raw: Hex
  readonly gas: bigint
  readonly max_fee_per_gas: bigint
}

export type ChainEventRow = {
  readonly tx_hash: Hex
  readonly log_index: number
  readonly block_number: bigint
  readonly kind: 'paid' | 'skipped'
  readonly chain_invoice: Hex
  readonly payer: Hex
  readonly amount: bigint | null
  readonly reason: string | null
  readonly payment_id: string | null
}

export type LeaseRow = {
  readonly name: string
  readonly holder: string
  readonly epoch: bigint
  readonly expires_at: number
}

export type PostingRow = { readonly id: string; readonly account: string; readonly amount: bigint }

/** What a test may take away, to see that the invariants notice. */
export type RowSwitches = {
  /** `payments_one_live`, and that only an open invoice is taken. */
  readonly oneLive: boolean
  readonly invoiceTakenOnce: boolean
  /** That a lease is looked at before a write and before a sending. */
  readonly leaseEpoch: boolean
  readonly gapFill: boolean
  readonly feeBump: boolean
}

/** The tables that settlement touches, in memory. */
export type Rows = {
  readonly switches: RowSwitches
  /** The database's own clock, milliseconds since 1970. */
  now(): number
  readonly merchants: Table<Readonly<Record<string, unknown>>>
  readonly invoices: Table<InvoiceRow>
  readonly nonces: Table<NonceRow>
  readonly payments: Table<PaymentRow>
  readonly lanes: Table<LaneRow>
  readonly batches: Table<BatchRow>
  readonly batchPayments: Table<{ readonly batch_id: string; readonly payment_id: string }>
  readonly attempts: Table<AttemptRow>
  readonly cursors: Table<{ readonly block_number: bigint; readonly block_time: Date }>
  readonly chainEvents: Table<ChainEventRow>
  readonly ledger: Table<{ readonly id: string; readonly payment_id: string }>
  readonly postings: Table<PostingRow>
  readonly events: Table<{
    readonly id: string
    readonly type: string
    readonly aggregate_id: string
    readonly sequence: number
  }>
  readonly outbox: Table<{ readonly job: string }>
  readonly leases: Table<LeaseRow>
  /** What the transaction of this moment has changed so far. */
  pending(): readonly Change[]
  /** Runs `work` whole or not at all. */
  atomically<T>(work: () => Promise<T>): Promise<T>
}

/** `committed` hears what each transaction changed. */
export function openRows(
  now: () => number,
  switches: RowSwitches,
  committed: (changes: readonly Change[]) => void,
): Rows {
  const changes: Change[] = []
  const table = <Row>(name: string) => new Table<Row>(name, changes)
  return {
    switches,
    now,
    merchants: table('merchants'),
    invoices: table('invoices'),
    nonces: table('nonces'),
    payments: table('payments'),
    lanes: table('lanes'),
    batches: table('batches'),
    batchPayments: table('batchPayments'),
    attempts: table('attempts'),
    cursors: table('cursors'),
    chainEvents: table('chainEvents'),
    ledger: table('ledger'),
    postings: table('postings'),
    events: table('events'),
    outbox: table('outbox'),
    leases: table('leases'),
    pending: () => changes,
    atomically: async (work) => {
      changes.length = 0
      try {
        const result = await work()
        if (changes.length > 0) committed([...changes])
        return result
      } catch (error) {
        for (const change of changes.toReversed()) change.undo()
        throw error
      } finally {
        changes.length = 0
      }
    },
  }
}
