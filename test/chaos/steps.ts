import type { Hex } from '../../src/kernel/hex.ts'
import type { Queryable } from '../../src/platform/db/db.ts'
import { type Sql, sql } from '../../src/platform/db/sql.ts'
import type { Exchange } from './exchange.ts'

/** Where a test looks to see how far a sale has come, past the worker. */
export type Scene = {
  readonly db: Queryable
  readonly paymentId: string
  readonly eventId: string
  readonly lane: Hex
  /** Whether the node has heard of the transaction of this sale's batch. */
  isBroadcast(): Promise<boolean>
  deliveries(): number
}

type JobName = 'settle-payment' | 'deliver-webhook'
/** What a database transaction of the worker is for. */
export type Work = 'journal' | 'settlement' | 'expiry' | 'cursor'

/** One thing that a worker does for a sale, in words, and how it looks on the wire. */
export type Step = {
  readonly name: string
  readonly wire: Exchange['wire']
  readonly text: RegExp
  readonly says?: RegExp
  /** Tells a poll that found something from one that did not. `invoice` stands for the invoice on chain. */
  readonly answers?: RegExp | 'invoice'
  readonly within?: Work
  /** The job of the last claim of the relay. */
  readonly relays?: JobName
  /** Only the first of a worker's life belongs to the list; later ones are routine. */
  readonly isOpening?: true
  /** Only the first worker of a lane leaves something behind here. */
  readonly isOnceForAll?: true
  /** For steps that leave something behind at once: whether it is there. All others only read, or can be rolled back. */
  readonly isDone?: (scene: Scene) => Promise<boolean>
  /** For a poll that changes what it finds: whether it would find something now. */
  readonly isDue?: (db: Queryable) => Promise<boolean>
  /** From which step on such a poll is held back until it is due. */
  readonly heldFrom?: string
}

const has = async (db: Queryable, query: Sql) => (await db.one(query)) !== undefined
const free = (job: JobName) => (db: Queryable) =>
  has(
    db,
    sql`select 1 from outbox where job = ${job} and (lease_until is null or lease_until < now())`,
  )
const inOutbox = (db: Queryable, job: JobName, isLeased: boolean) =>
  has(
    db,
    sql`select 1 from outbox where job = ${job} and (${!isLeased} or lease_until is not null)`,
  )
const queued = (db: Queryable, job: JobName, state: 'any' | 'waiting' | 'active') =>
  has(
    db,
    sql`select 1 from bullmq.job where name = ${job} and (${state} = 'any' or state::text = ${state})`,
  )

export const RELAY = {
  claim: /^update outbox set lease_until = now\(\) \+/,
  add: /add_job(s_bulk)?\(/,
  forget: /^delete from outbox/,
}
/** Asked once more when nothing is left to send. */
const CLAIM_DELIVERIES =
  /^with first as \( select event_id, lease_until .* update webhook_deliveries d set attempts/
const QUEUE = { claim: /^-- Claim the next ready job/, finish: /^-- Finish an active job/ }

const relaySteps = (job: JobName, heldFrom?: string): readonly Step[] => [
  {
    name: `claims the ${job} row of the outbox`,
    wire: 'database',
    text: RELAY.claim,
    answers: new RegExp(job),
    isDue: free(job),
    ...(heldFrom !== undefined && { heldFrom }),
    isDone: ({ db }) => inOutbox(db, job, true),
  },
  {
    name: `adds ${job} to the queue`,
    wire: 'queue',
    text: RELAY.add,
    says: new RegExp(job),
    isDone: ({ db }) => queued(db, job, 'any'),
  },
  {
    name: `forgets the ${job} row of the outbox`,
    wire: 'database',
    text: RELAY.forget,
    relays: job,
    isDone: async ({ db }) => !(await inOutbox(db, job, false)),
  },
  {
    name: `takes ${job} from the queue`,
    wire: 'queue',
    text: QUEUE.claim,
    answers: new RegExp(job),
    isDue: (db) => queued(db, job, 'waiting'),
    ...(heldFrom !== undefined && { heldFrom }),
    isDone: ({ db }) => queued(db, job, 'active'),
  },
]
const finishStep = (job: JobName): Step => ({
  name: `finishes ${job} in the queue`,
  wire: 'queue',
  text: QUEUE.finish,
  says: new RegExp(`${job}-`),
  isDone: async ({ db }) => !(await queued(db, job, 'any')),
})
const inside = (within: Work, name: string, text: RegExp): Step => ({
  name,
  wire: 'database',
  text,
  within,
})
const commit = (within: Work, isDone: (scene: Scene) => Promise<boolean>): Step => ({
  ...inside(within, `commits the ${within}`, /^commit$/),
  isDone,
})

const BROADCAST = 'broadcasts the batch'

/** What a worker does once, when it takes a lane for the first time. */
export const OPENING_STEPS: readonly Step[] = [
  {
    name: 'takes the lease of its lane',
    wire: 'database',
    text: /^insert into leases/,
    isOpening: true,
    isDone: ({ db }) => has(db, sql`select 1 from leases where expires_at > now()`),
  },
  {
    name: 'asks the chain for the nonce of its lane',
    wire: 'chain',
    text: /^eth_getTransactionCount$/,
    isOpening: true,
  },
  {
    name: 'opens its lane',
    wire: 'database',
    text: /^insert into lanes/,
    isOpening: true,
    isOnceForAll: true,
    isDone: ({ db, lane }) => has(db, sql`select 1 from lanes where address = ${lane}`),
  },
]

/** What a worker does for one sale, in order, as far as it has one: the relay and the queue work beside the lane. */
export const SALE_STEPS: readonly Step[] = [
  ...relaySteps('settle-payment'),
  finishStep('settle-payment'),
  {
    name: 'sees that a payment waits',
    wire: 'database',
    text: /^select count\(\*\)::int as waiting/,
    answers: /\d{4}-\d\d-\d\d/,
  },
  {
    name: 'reads the waiting payments',
    wire: 'database',
    text: /^select \* from payments where chain_id = \$1 and \(status = 'authorised'/,
  },
  { name: 'rehearses the batch', wire: 'chain', text: /^eth_call$/, says: /"from":/ },
  inside('journal', 'makes sure of its lease', /^select 1 from leases/),
  inside('journal', 'takes the nonce', /^update lanes/),
  inside('journal', 'writes the batch', /^insert into settlement_batches/),
  inside('journal', 'writes the signed transaction', /^insert into batch_attempts/),
  inside('journal', 'writes the payments of the batch', /^insert into batch_payments/),
  inside('journal', 'sets the payment settling', /^update payments set status = 'settling'/),
  commit('journal', ({ db, paymentId }) =>
    has(db, sql`select 1 from batch_payments where payment_id = ${paymentId}`),
  ),
  {
    name: 'reads the batch from the journal',
    wire: 'database',
    text: /^select distinct on \(b\.nonce\)/,
    answers: /bat_/,
  },
  {
    name: 'takes the signed bytes from the journal',
    wire: 'database',
    text: /^select tx_hash as hash, raw from batch_attempts/,
  },
  {
    name: BROADCAST,
    wire: 'chain',
    text: /^eth_sendRawTransaction$/,
    isDone: ({ isBroadcast }) => isBroadcast(),
  },
  {
    name: 'reads the log of the payment',
    wire: 'chain',
    text: /^eth_getLogs$/,
    answers: 'invoice',
  },
  inside('settlement', 'finds the payment of the log', /^select distinct on \(chain_invoice\)/),
  inside('settlement', 'finds what rode in the transaction', /^select a\.tx_hash/),
  inside('settlement', 'counts the rides', /^select payment_id as id, count/),
  inside('settlement', 'records the log', /^insert into chain_events/),
  inside('settlement', 'closes the batch', /^update settlement_batches b set status = 'mined'/),
  inside('settlement', 'settles the payment', /^update payments p set status = 'settled'/),
  inside('settlement', 'refuses nothing', /^update payments p set status = 'refused'/),
  inside('settlement', 'sets the invoice paid', /^update invoices i set status = 'paid'/),
  inside('settlement', 'writes the ledger transaction', /^insert into ledger_transactions/),
  inside('settlement', 'writes the ledger postings', /^insert into ledger_postings/),
  inside('settlement', 'frees the nonces of other phones', /^delete from payer_nonces/),
  inside('settlement', 'queues up for the order of events', /^select pg_advisory_xact_lock/),
  inside('settlement', 'writes the event', /^insert into events/),
  inside('settlement', 'writes the delivery', /^insert into webhook_deliveries/),
  inside('settlement', 'puts the delivery into the outbox', /^insert into outbox/),
  inside('settlement', 'sets the cursor', /^insert into chain_cursors/),
  commit('settlement', ({ db, paymentId }) =>
    has(db, sql`select 1 from payments where id = ${paymentId} and status = 'settled'`),
  ),
  ...relaySteps('deliver-webhook', BROADCAST),
  {
    name: 'claims the delivery',
    wire: 'database',
    text: CLAIM_DELIVERIES,
    answers: /evt_/,
    isDue: (db) =>
      has(
        db,
        sql`select 1 from webhook_deliveries where status = 'pending'
          and (lease_until is null or lease_until < now())`,
      ),
    heldFrom: BROADCAST,
    isDone: ({ db, eventId }) =>
      has(db, sql`select 1 from webhook_deliveries where event_id = ${eventId} and attempts > 0`),
  },
  {
    name: 'posts the webhook',
    wire: 'merchant',
    text: /^POST$/,
    isDone: async ({ deliveries }) => deliveries() > 0,
  },
  {
    name: 'records the attempt',
    wire: 'database',
    text: /^with attempted as/,
    isDone: ({ db, eventId }) =>
      has(db, sql`select 1 from webhook_attempts where event_id = ${eventId}`),
  },
  finishStep('deliver-webhook'),
]
