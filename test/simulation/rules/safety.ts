import { INVOICE_MOVES } from '../../../src/domains/invoices/invoice.ts'
import { PAYMENT_MOVES } from '../../../src/domains/payments/payment.ts'
import { laneLease } from '../../../src/domains/settlement/lane-store.ts'
import type { Hex } from '../../../src/kernel/hex.ts'
import type { Transaction } from '../chain/model.ts'
import { CHAIN_ID } from '../chain/port.ts'
import type { AttemptRow, BatchRow, ChainEventRow, InvoiceRow, PaymentRow } from '../rows/rows.ts'
import type { Change } from '../rows/table.ts'
import type { Process } from '../scheduler.ts'
import { FEE_CEILING, type World } from '../world.ts'
import type { ChainMemory } from './chain-memory.ts'

const LIVE = ['authorised', 'settling', 'settled', 'review']

/** What must never be, in words; undefined when all is well. */
export type Breach = string | undefined

/** Looks at what one transaction of the database changed. */
export function breachOfCommit(
  world: World,
  memory: ChainMemory,
  changes: readonly Change[],
): Breach {
  for (const { table, before, after } of changes) {
    const breach =
      table === 'payments'
        ? breachOfPayment(world, memory, before as PaymentRow | undefined, after as PaymentRow)
        : table === 'batches'
          ? breachOfBatch(world, memory, before as BatchRow | undefined, after as BatchRow)
          : table === 'attempts'
            ? breachOfAttempt(world, after as AttemptRow)
            : table === 'invoices'
              ? breachOfInvoice(before as InvoiceRow | undefined, after as InvoiceRow)
              : table === 'chainEvents'
                ? breachOfEvent(memory, after as ChainEventRow)
                : undefined
    if (breach !== undefined) return breach
  }
  return changes.some((one) => one.table === 'ledger') ? breachOfLedger(world) : undefined
}

function breachOfPayment(
  world: World,
  memory: ChainMemory,
  before: PaymentRow | undefined,
  after: PaymentRow,
): Breach {
  const { rows } = world
  const from = before?.status as keyof typeof PAYMENT_MOVES | undefined
  if (from === undefined && after.status !== 'authorised') return `a payment began ${after.status}`
  const isMove = from !== undefined && from !== after.status
  if (isMove && !(PAYMENT_MOVES[from] as readonly string[]).includes(after.status))
    return `a payment went from ${from} to ${after.status}`
  const live = rows.payments.filter(
    (one) => one.invoice_id === after.invoice_id && LIVE.includes(one.status),
  )
  if (live.length > 1) return 'two live payments of one invoice'
  if (isMove && after.status === 'settled' && !isPaidOnChain(memory, after))
    return 'a payment was settled that the chain did not pay'
  if (isMove && after.status === 'refused') return breachOfRefusal(world, memory, after)
  if (after.batch_id !== null && after.batch_id !== before?.batch_id) {
    const earlier = rows.batchPayments
      .filter((one) => one.payment_id === after.id && one.batch_id !== after.batch_id)
      .map((one) => rows.batches.get(one.batch_id))
    if (earlier.some((batch) => batch?.status !== 'failed'))
      return 'a payment rides in a second batch while the first may still settle it'
  }
  return undefined
}

function isPaidOnChain(memory: ChainMemory, payment: PaymentRow): boolean {
  return memory
    .everPaid(payment.chain_invoice)
    .some((log) => log.payer === payment.payer && log.amount === payment.amount)
}

function breachOfRefusal({ rows }: World, memory: ChainMemory, payment: PaymentRow): Breach {
  const hasPaid = memory.paid(payment.chain_invoice).some((log) => log.payer === payment.payer)
  if (hasPaid) return 'a payment was refused that the chain paid'
  const rides = rows.batchPayments.filter((one) => one.payment_id === payment.id)
  if (rides.length === 0) return undefined
  const batches = rides.map((one) => one.batch_id)
  const isProven = rows.chainEvents.find(
    (one) =>
      one.kind === 'skipped' &&
      one.payment_id === payment.id &&
      batches.includes(rows.attempts.get(one.tx_hash)?.batch_id ?? ''),
  )
  return isProven ? undefined : 'a payment that rode was refused without a Skipped log of ours'
}

function breachOfBatch(
  world: World,
  memory: ChainMemory,
  before: BatchRow | undefined,
  after: BatchRow,
): Breach {
  const { rows, model } = world
  if (before !== undefined && before.nonce !== after.nonce) return 'a batch changed its nonce'
  const twins = rows.batches.filter((one) => one.lane === after.lane && one.nonce === after.nonce)
  if (twins.length > 1) return 'two batches under one nonce'
  if (after.status !== 'failed' || before?.status === 'failed' || memory.hasRolledBack())
    return undefined
  const hashes = rows.attempts.filter((one) => one.batch_id === after.id).map((one) => one.tx_hash)
  if (memory.standing().some((log) => hashes.includes(log.txHash)))
    return 'a batch was called failed although its logs stand'
  const spent = model.head().after.nonces.get(after.lane) ?? 0n
  return spent <= after.nonce ? 'a batch was called failed although its nonce is free' : undefined
}

function breachOfAttempt({ rows, model }: World, attempt: AttemptRow): Breach {
  const batch = rows.batches.get(attempt.batch_id)
  const transaction = model.read(attempt.raw)
  if (transaction.nonce !== batch?.nonce || transaction.from !== batch.lane)
    return 'an attempt has another nonce than its batch'
  return attempt.max_fee_per_gas > FEE_CEILING ? 'a fee above the ceiling' : undefined
}

function breachOfInvoice(before: InvoiceRow | undefined, after: InvoiceRow): Breach {
  const from = before?.status as keyof typeof INVOICE_MOVES | undefined
  if (from === undefined || from === after.status) return undefined
  const isMove = (INVOICE_MOVES[from] as readonly string[]).includes(after.status)
  return isMove ? undefined : `an invoice went from ${from} to ${after.status}`
}

function breachOfEvent(memory: ChainMemory, event: ChainEventRow): Breach {
  return memory.wasThere(event.tx_hash, event.log_index)
    ? undefined
    : 'a log was recorded that no block ever had'
}

/** The ledger sums to zero, holds each settled payment once, and agrees with the logs that were read. */
export function breachOfLedger({ rows }: World): Breach {
  const sums = new Map<string, bigint>()
  for (const { id, amount } of rows.postings.all()) sums.set(id, (sums.get(id) ?? 0n) + amount)
  if ([...sums.values()].some((sum) => sum !== 0n)) return 'a ledger transaction that is not zero'
  const settled = rows.payments.filter((one) => one.status === 'settled')
  if (settled.length !== rows.ledger.size) return 'settled payments and ledger differ'
  for (const one of settled)
    if (!rows.ledger.has(`settle:${one.id}`)) return 'a settled payment without a posting'
  const read = rows.chainEvents.filter((one) => one.kind === 'paid' && one.payment_id !== null)
  const paid = new Set(read.map((one) => one.payment_id))
  return settled.every((one) => paid.has(one.id))
    ? undefined
    : 'a settled payment without a log that was read'
}

/** Looks at bytes at the moment at which a process hands them to the network. */
export function breachOfSending(world: World, sender: Process, transaction: Transaction): Breach {
  const { rows } = world
  if (!rows.attempts.has(transaction.hash)) return 'something was sent that is not in the journal'
  const key = laneLease({ chainId: CHAIN_ID, address: transaction.from })
  const lease = rows.leases.get(key)
  return lease?.holder === sender.name && lease.expires_at > rows.now()
    ? undefined
    : `${sender.name} sent although its lease was over`
}

/** Looks at the chain: one authorisation, one invoice, one payment. */
export function breachOfBlock(memory: ChainMemory, invoices: readonly Hex[]): Breach {
  return invoices.some((invoice) => memory.paid(invoice).length > 1)
    ? 'an invoice was paid twice on chain'
    : undefined
}
