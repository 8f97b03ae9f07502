import { SKIP_REASONS } from '../platform/chain/logs.ts'
import type { Metrics } from '../platform/metrics/metrics.ts'
import type { PostFailure } from '../platform/net/post.ts'

const SETTLE_SECONDS = [0.25, 0.5, 1, 1.5, 2, 3, 5, 8, 15, 30, 60, 300, 1_800, 7_200, 86_400]
const WEBHOOK_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200, 86_400]
const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 150, 200]
/** A reason that the contract does not know, so that nobody can make up labels. */
const OTHER = 'other'

/** What became of payments in one transaction of the watcher. */
export type Booked = {
  readonly settled: readonly { readonly createdAt: Date }[]
  readonly refused: readonly {
    readonly reason: string | undefined
    readonly approvedAt: Date | undefined
  }[]
  readonly at: Date
}

/** One attempt to deliver an event. */
export type WebhookAttempt = {
  /** The status of the answer, or why there was none. */
  readonly result: number | PostFailure
  readonly type: string
  /** When the event was recorded. */
  readonly recordedAt: Date
  readonly at: Date
}

/** What flows count as it happens. Call it after the commit: what was rolled back did not happen. */
export type Meter = {
  /** `isApproved`: the store hands over before a block has it. */
  authorised(isApproved: boolean): void
  booked(booked: Booked): void
  /** Payments stopped for a person to decide. */
  held(payments: number): void
  journaled(payments: number): void
  /** A signed raw transaction of a batch; from the second on it raises the fee. */
  signed(attempt: number): void
  broadcast(answer: string): void
  mined(batches: number): void
  batchFailed(): void
  /** A nonce of a lane was missing and filled, or its key was used elsewhere. */
  surprise(kind: 'gap' | 'foreign_nonce'): void
  webhook(attempt: WebhookAttempt): void
}

/** Counts into the measurements of this process. */
export function openMeter(metrics: Metrics): Meter {
  return { ...paymentMeter(metrics), ...batchMeter(metrics), ...webhookMeter(metrics) }
}

function paymentMeter(metrics: Metrics): Pick<Meter, 'authorised' | 'booked' | 'held'> {
  const authorised = metrics.counter({
    name: 'baro_payments_authorised_total',
    help: 'Payments accepted with a 202 by this process',
  })
  const approved = metrics.counter({
    name: 'baro_payments_approved_total',
    help: 'Of these, payments that a store hands over on before a block has them',
  })
  const unpaid = metrics.counter({
    name: 'baro_payments_approved_refused_total',
    help: 'Payments that were refused after a store had handed over on them',
  })
  const settled = metrics.counter({
    name: 'baro_payments_settled_total',
    help: 'Payments that this process settled by a log of the token',
  })
  const refused = metrics.counter({
    name: 'baro_payments_refused_total',
    help: 'Accepted payments that the token skipped, by its reason',
    labels: ['reason'],
  })
  const held = metrics.counter({
    name: 'baro_payments_held_total',
    help: 'Payments stopped for a person to decide, because chain and rows contradict each other',
  })
  const seconds = metrics.histogram({
    name: 'baro_payment_settle_seconds',
    help: 'From the 202 of a payment to its settlement in the database',
    buckets: SETTLE_SECONDS,
  })
  for (const reason of [...SKIP_REASONS, OTHER]) refused({ reason }, 0)
  return {
    authorised: (isApproved) => {
      authorised({})
      if (isApproved) approved({})
    },
    held: (payments) => held({}, payments),
    booked: (booked) => {
      settled({}, booked.settled.length)
      for (const { createdAt } of booked.settled) seconds({}, secondsBetween(createdAt, booked.at))
      for (const { reason, approvedAt } of booked.refused) {
        refused({ reason: SKIP_REASONS.find((one) => one === reason) ?? OTHER })
        if (approvedAt !== undefined) unpaid({})
      }
    },
  }
}

function batchMeter(
  metrics: Metrics,
): Pick<Meter, 'journaled' | 'signed' | 'broadcast' | 'mined' | 'batchFailed' | 'surprise'> {
  const journaled = metrics.counter({
    name: 'baro_batches_journaled_total',
    help: 'Batches written to the journal',
  })
  const mined = metrics.counter({
    name: 'baro_batches_mined_total',
    help: 'Batches whose logs were found in a block',
  })
  const failed = metrics.counter({
    name: 'baro_batches_failed_total',
    help: 'Batches whose nonce a block took without a log of them; their payments ride again',
  })
  const size = metrics.histogram({
    name: 'baro_batch_payments',
    help: 'Payments of a batch',
    buckets: BATCH_SIZES,
  })
  const signed = metrics.counter({
    name: 'baro_batch_attempts_total',
    help: 'Signed transactions of batches; each after the first of a batch is a fee bump',
    labels: ['kind'],
  })
  const sent = metrics.counter({
    name: 'baro_broadcasts_total',
    help: 'Signed transactions handed to a node, by its answer',
    labels: ['answer'],
  })
  const surprises = metrics.counter({
    name: 'baro_lane_surprises_total',
    help: 'Gaps before the nonces of a lane that were filled, and uses of its key by others',
    labels: ['kind'],
  })
  for (const kind of ['first', 'fee_bump']) signed({ kind }, 0)
  for (const kind of ['gap', 'foreign_nonce']) surprises({ kind }, 0)
  return {
    journaled: (payments) => {
      journaled({})
      size({}, payments)
    },
    signed: (attempt) => signed({ kind: attempt === 1 ? 'first' : 'fee_bump' }),
    broadcast: (answer) => sent({ answer }),
    mined: (batches) => mined({}, batches),
    batchFailed: () => failed({}),
    surprise: (kind) => surprises({ kind }),
  }
}

function webhookMeter(metrics: Metrics): Pick<Meter, 'webhook'> {
  const attempts = metrics.counter({
    name: 'baro_webhook_attempts_total',
    help: 'Attempts to deliver an event to an endpoint, by outcome',
    labels: ['outcome'],
  })
  const seconds = metrics.histogram({
    name: 'baro_webhook_delay_seconds',
    help: 'From the record of an event to the 2xx of an endpoint',
    labels: ['type'],
    buckets: WEBHOOK_SECONDS,
  })
  attempts({ outcome: 'delivered' }, 0)
  return {
    webhook: ({ result, type, recordedAt, at }) => {
      const outcome = outcomeOf(result)
      attempts({ outcome })
      if (outcome === 'delivered') seconds({ type }, secondsBetween(recordedAt, at))
    },
  }
}

/** `delivered`, the class of another answer, such as `http_5xx`, or why there was none. */
function outcomeOf(result: number | PostFailure): string {
  if (typeof result !== 'number') return result
  const hundreds = Math.floor(result / 100)
  return hundreds === 2 ? 'delivered' : `http_${hundreds}xx`
}

/** Never below zero: two processes may disagree about the time. */
function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, to.getTime() - from.getTime()) / 1_000
}
