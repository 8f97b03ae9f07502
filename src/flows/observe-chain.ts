import type { Invoice } from '../domains/invoices/invoice.ts'
import { payInvoices, releaseInvoices } from '../domains/invoices/store.ts'
import { invoiceView } from '../domains/invoices/view.ts'
import { settlementOf } from '../domains/ledger/postings.ts'
import { post } from '../domains/ledger/store.ts'
import { releaseNonces } from '../domains/payments/nonce-store.ts'
import type { Payment } from '../domains/payments/payment.ts'
import {
  holdPayments,
  paymentsByChainInvoice,
  refusePayments,
  settlePayments,
} from '../domains/payments/store.ts'
import { paymentView } from '../domains/payments/view.ts'
import {
  advanceCursor,
  type ChainEvent,
  insertChainEvents,
  knownEvents,
  logKey,
  readCursor,
  settlementStream,
} from '../domains/settlement/chain-store.ts'
import { type Judgement, judge } from '../domains/settlement/judge.ts'
import { readLogs } from '../domains/settlement/read-logs.ts'
import { planReading } from '../domains/settlement/reading.ts'
import { closeMined, paymentsOfTransactions, ridesOf } from '../domains/settlement/store.ts'
import { eventOf } from '../domains/webhooks/event.ts'
import { recordEvents } from '../domains/webhooks/store.ts'
import type { Hex } from '../kernel/hex.ts'
import type { SettlementEvent } from '../platform/chain/logs.ts'
import type { Db } from '../platform/db/db.ts'
import { enqueue } from '../platform/db/outbox.ts'
import type { Deps } from './deps.ts'
import { deliverWebhookJob } from './jobs.ts'

/** How far the logs are read, and from which block on they must be read once more. */
export type Observed = { readonly readTo: bigint; readonly rereadFrom: bigint | undefined }

/**
 * Reads the token's logs from a few blocks before the cursor, or from where some are missing, towards the head and
 * settles or refuses what they name: payment, invoice, ledger, event, deliveries and cursor in one transaction. Safe to
 * run twice and side by side. Undefined when the chain has not moved.
 */
export async function observeChain(
  deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'log' | 'limits' | 'meter' | 'tracer'>,
  rereadFrom?: bigint,
): Promise<Observed | undefined> {
  const stream = settlementStream(deps.chain)
  const cursor = (await readCursor(deps.db, stream))?.blockNumber
  const head = await deps.chain.head()
  const birth = cursor === undefined ? await deps.chain.birth() : 0n
  // A node that crashed may come back behind: that is no evidence of anything.
  const range = planReading({ cursor, birth, head: head.number, rereadFrom })
  if (range === undefined) return undefined
  const { logs: fresh, readTo } = await readLogs(
    { ...deps, agreeAbove: deps.limits.agreeAbove, fresh: (shown) => freshOf(deps, shown) },
    range,
  )
  if (readTo < range.from) return undefined
  const to = readTo === head.number ? head : await deps.chain.block(readTo)
  const times = await blockTimes(deps, fresh, to)
  await deps.db.transaction(async (tx) => {
    if (fresh.length > 0) await apply(deps, tx, fresh, times)
    await advanceCursor(tx, stream, { blockNumber: to.number, blockTime: to.time })
  })
  const isDone = rereadFrom === undefined || readTo === head.number
  return { readTo, rereadFrom: isDone ? undefined : readTo + 1n }
}

async function freshOf(
  deps: Pick<Deps, 'db' | 'chain'>,
  logs: readonly SettlementEvent[],
): Promise<readonly SettlementEvent[]> {
  const hashes = [...new Set(logs.map((log) => log.txHash))]
  const known = await knownEvents(deps.db, deps.chain.chainId, hashes)
  return logs.filter((log) => !known.has(logKey(log)))
}

async function blockTimes(
  deps: Pick<Deps, 'chain'>,
  logs: readonly SettlementEvent[],
  last: { readonly number: bigint; readonly time: Date },
): Promise<ReadonlyMap<bigint, Date>> {
  const times = new Map([[last.number, last.time]])
  for (const { blockNumber } of logs)
    if (!times.has(blockNumber)) times.set(blockNumber, (await deps.chain.block(blockNumber)).time)
  return times
}

async function apply(
  deps: Pick<Deps, 'chain' | 'clock' | 'log' | 'meter' | 'tracer'>,
  tx: Db,
  logs: readonly SettlementEvent[],
  times: ReadonlyMap<bigint, Date>,
): Promise<void> {
  const hashes = [...new Set(logs.map((log) => log.txHash))]
  const byInvoice = await paymentsByChainInvoice(
    tx,
    logs.map((log) => log.invoice),
  )
  const riders = await paymentsOfTransactions(tx, hashes)
  const rides = await ridesOf(
    tx,
    riders.map((rider) => rider.paymentId),
  )
  const judged = logs.map((log) => judge(log, { byInvoice, riders, rides }))
  const timeOf = (log: SettlementEvent) => times.get(log.blockNumber) ?? deps.clock.now()

  await insertChainEvents(
    tx,
    logs.map((log, index) => chainEventOf(deps.chain.chainId, log, timeOf(log), judged[index])),
  )
  const mined = await closeMined(
    tx,
    logs.map((log) => ({ txHash: log.txHash, blockNumber: log.blockNumber })),
  )
  const settled = await settlePayments(
    tx,
    judged.flatMap((one, index) => {
      const log = logs[index]
      return one.verdict === 'settle' && log !== undefined
        ? [{ ...log, id: one.paymentId, at: timeOf(log) }]
        : []
    }),
  )
  const refused = await refusePayments(
    tx,
    judged.flatMap((one) =>
      one.verdict === 'refuse' ? [{ id: one.paymentId, reason: one.reason }] : [],
    ),
  )
  for (const payment of refused) if (payment.approvedAt !== undefined) lament(deps, payment)
  const held = judged.flatMap((one) =>
    one.verdict === 'hold' ? [{ id: one.paymentId, reason: one.reason }] : [],
  )
  if (held.length > 0) await holdPayments(tx, held)
  for (const one of judged)
    if (one.verdict === 'hold' || one.verdict === 'unmatched')
      deps.log.error('a log of the token contradicts our rows', { judgement: one })
  await book(deps, tx, settled, refused)
  tx.onCommit(() => deps.meter.mined(mined))
  tx.onCommit(() => deps.meter.held(held.length))
  const booked = { settled, refused, at: deps.clock.now() }
  tx.onCommit(() => deps.meter.booked(booked))
}

/** A store has handed over on this payment, and no money comes: somebody has to know today. */
function lament({ log }: Pick<Deps, 'log'>, payment: Payment): void {
  log.error('a payment was refused after the store had handed over on it', {
    paymentId: payment.id,
    invoiceId: payment.invoiceId,
    merchantId: payment.merchantId,
    amountWon: payment.amount,
    payer: payment.payer,
    reason: payment.reason,
    approvedAt: payment.approvedAt,
  })
}

/** What follows from settled and refused payments: invoices, ledger, events and deliveries. */
async function book(
  deps: Pick<Deps, 'clock' | 'tracer'>,
  tx: Db,
  settled: readonly Payment[],
  refused: readonly Payment[],
): Promise<void> {
  const now = deps.clock.now()
  const at = (payment: Payment) => payment.settledAt ?? now
  if (settled.length > 0) {
    await payInvoices(
      tx,
      settled.map((payment) => ({ id: payment.invoiceId, at: at(payment) })),
    )
    await post(
      tx,
      settled.map((payment) =>
        settlementOf({ ...payment, paymentId: payment.id, at: at(payment) }),
      ),
    )
    // Other phones that asked for terms of these invoices keep no nonce of theirs waiting.
    await releaseNonces(
      tx,
      settled.map((payment) => payment.invoiceId),
    )
  }
  const released = refused.length > 0 ? await letGo(tx, refused, now) : []
  const paymentEvents = [...settled, ...refused].map((payment) =>
    eventOf({
      merchantId: payment.merchantId,
      type: payment.status === 'settled' ? 'payment.settled' : 'payment.refused',
      aggregateId: payment.id,
      sequence: 1,
      object: paymentView(payment),
      at: now,
      traceparent: traceOf(deps, tx, payment),
    }),
  )
  const invoiceEvents = released
    .filter((invoice) => invoice.status === 'expired')
    .map((invoice) =>
      eventOf({
        merchantId: invoice.merchantId,
        type: 'invoice.expired',
        aggregateId: invoice.id,
        sequence: invoice.version,
        object: invoiceView(invoice),
        at: now,
      }),
    )
  const deliveries = await recordEvents(tx, [...paymentEvents, ...invoiceEvents])
  await enqueue(tx, deliverWebhookJob, deliveries)
}

/** The end of a payment as a span of its own trace; what merchants are told goes on from there. */
function traceOf(deps: Pick<Deps, 'tracer'>, tx: Db, payment: Payment): string | undefined {
  const { traceparent: parent, status, txHash = '' } = payment
  if (parent === undefined) return undefined
  const attributes = { 'baro.payment': payment.id, 'baro.status': status, 'baro.tx': txHash }
  const span = deps.tracer.begin('observe payment', { parent, attributes })
  tx.onCommit(() => span.end())
  return span.traceparent
}

/** Frees the invoices and nonces of refused payments. */
async function letGo(tx: Db, refused: readonly Payment[], now: Date): Promise<Invoice[]> {
  const invoiceIds = refused.map((payment) => payment.invoiceId)
  const released = await releaseInvoices(tx, invoiceIds, now)
  await releaseNonces(tx, invoiceIds)
  return released
}

function chainEventOf(
  chainId: number,
  log: SettlementEvent,
  blockTime: Date,
  judged: Judgement | undefined,
): ChainEvent {
  const isPaid = log.kind === 'paid'
  return {
    chainId,
    txHash: log.txHash as Hex,
    logIndex: log.logIndex,
    blockNumber: log.blockNumber,
    blockTime,
    kind: log.kind,
    chainInvoice: log.invoice,
    payer: log.payer,
    merchantAddress: isPaid ? log.merchant : undefined,
    amount: isPaid ? log.amount : undefined,
    reason: isPaid ? undefined : log.reason,
    paymentId:
      judged === undefined || judged.verdict === 'unmatched' ? undefined : judged.paymentId,
  }
}
