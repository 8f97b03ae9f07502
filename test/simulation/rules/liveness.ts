import type { Hex } from '../../../src/kernel/hex.ts'
import type { SettlementEvent } from '../../../src/platform/chain/logs.ts'
import type { PaymentRow } from '../rows/rows.ts'
import type { World } from '../world.ts'
import type { ChainMemory } from './chain-memory.ts'
import { type Breach, breachOfLedger } from './safety.ts'

const FINAL = ['settled', 'refused', 'review']

/** What is still not done, in words: after the faults end, this must become undefined. */
export function unfinished(world: World, memory: ChainMemory): Breach {
  const { rows, model, lanes } = world
  const open = rows.payments.find((one) => !FINAL.includes(one.status))
  if (open !== undefined) return `a payment is still ${open.status}`
  const inFlight = rows.batches.find((one) => one.status === 'journaled')
  if (inFlight !== undefined) return `the batch of nonce ${inFlight.nonce} is still in flight`
  for (const { address } of lanes) {
    const next = rows.lanes.get(address)?.next_nonce ?? 0n
    const spent = model.head().after.nonces.get(address) ?? 0n
    if (next !== spent) return `a lane counts ${next}, the chain ${spent}`
  }
  const ours = new Set(rows.payments.all().map((one) => one.chain_invoice))
  // After a roll-back another attempt of the same batch may say the same.
  const keyOf = (kind: string, invoice: Hex) => `${kind} ${invoice}`
  const read = new Set(rows.chainEvents.all().map((one) => keyOf(one.kind, one.chain_invoice)))
  // What another settler was refused moves nothing, and nobody waits for it.
  const counts = (log: SettlementEvent) => log.kind === 'paid' || rows.attempts.has(log.txHash)
  const unread = memory
    .standing()
    .find((log) => ours.has(log.invoice) && counts(log) && !read.has(keyOf(log.kind, log.invoice)))
  return unread === undefined ? undefined : 'a log of ours was never read'
}

/** What must hold once everything is done. */
export function breachOfEnd(
  world: World,
  memory: ChainMemory,
  accepted: ReadonlySet<string>,
  isContradicted: (payment: PaymentRow) => boolean,
): Breach {
  const { rows } = world
  for (const id of accepted)
    if (!rows.payments.has(id)) return 'an accepted payment is not in the database'
  const payments = rows.payments.all()
  for (const one of payments) {
    const stands = memory.paid(one.chain_invoice).some((log) => log.payer === one.payer)
    if (one.status === 'settled' && !stands && !memory.hasRolledBack())
      return 'a settled payment is not on chain'
    // Another settler may submit what was refused here: that is an `unmatched` log, which a person hears of.
    if (one.status === 'refused' && stands && !isContradicted(one))
      return 'a refused payment is on chain'
    if (one.status === 'review' && !isContradicted(one))
      return `a payment is under review for ${one.reason} though nothing contradicted our rows`
    const told = rows.events.filter((event) => event.aggregate_id === one.id)
    if (one.status !== 'review' && told.length !== 1)
      return `${told.length} events about a ${one.status} payment`
  }
  for (const invoice of rows.invoices.all()) {
    const isPaid = payments.some((one) => one.invoice_id === invoice.id && one.status === 'settled')
    if (isPaid !== (invoice.status === 'paid'))
      return `an invoice is ${invoice.status} and its payment ${isPaid ? 'settled' : 'not'}`
  }
  const read = rows.chainEvents.filter((one) => one.kind === 'paid' && one.payment_id !== null)
  if (read.length !== rows.ledger.size)
    return `the report reads ${read.length} paid logs and the ledger has ${rows.ledger.size} sales`
  return breachOfLedger(world)
}
