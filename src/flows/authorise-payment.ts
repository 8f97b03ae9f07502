import { assertPayable, type Invoice } from '../domains/invoices/invoice.ts'
import {
  getInvoice,
  invoicesByCode,
  lockPayableInvoices,
  takeInvoices,
} from '../domains/invoices/store.ts'
import type { Merchant } from '../domains/merchants/merchant.ts'
import { getStore, merchantsById } from '../domains/merchants/store.ts'
import { approve } from '../domains/payments/approval-store.ts'
import { openFunds } from '../domains/payments/funds.ts'
import { isNonceFree } from '../domains/payments/nonce.ts'
import { type Terms, termsOf } from '../domains/payments/nonce-store.ts'
import { authorised, type Payment } from '../domains/payments/payment.ts'
import {
  findLatestPayment,
  inFlightAmounts,
  insertPayments,
  lockPayers,
} from '../domains/payments/store.ts'
import { termsToSign } from '../domains/payments/terms.ts'
import { paymentView } from '../domains/payments/view.ts'
import type { ChainState } from '../domains/settlement/chain-state.ts'
import { eventOf } from '../domains/webhooks/event.ts'
import { recordEvents } from '../domains/webhooks/store.ts'
import { crowd } from '../kernel/crowd.ts'
import { Fault } from '../kernel/errors.ts'
import type { Hex } from '../kernel/hex.ts'
import { type InvoiceId, newId } from '../kernel/ids.ts'
import {
  compactSignature,
  type PaymentTerms,
  paymentDigest,
  recoverPayer,
} from '../platform/chain/typed-data.ts'
import type { Db } from '../platform/db/db.ts'
import { enqueue } from '../platform/db/outbox.ts'
import type { Deps } from './deps.ts'
import { deliverWebhookJob, settlePaymentJob } from './jobs.ts'

type Confirmation = {
  readonly code: string
  /** Lower-case address. */
  readonly payer: Hex
  /** 65 bytes, r s v, as hex. */
  readonly signature: string
  /** While it is not `live`, a payment within the store's risk limit is approved before a block has it. */
  readonly chainState: ChainState
}

/** A stored payment and its invoice. `isNew` when this confirmation made it, and not the same one before. */
export type Authorised = {
  readonly isNew: boolean
  readonly invoice: Invoice
  readonly payment: Payment
}

/**
 * Accepts a signed payment of an invoice: when it returns, the payment is stored and will settle or be refused
 * with a reason. A doubled confirmation returns the same payment. Throws the faults of an invoice that cannot be
 * paid, `terms_missing`, `signature_invalid`, `nonce_used`, `payer_frozen`, `payer_key_changed`,
 * `insufficient_funds`.
 */
export type Authorise = (confirmation: Confirmation) => Promise<Authorised>

type Outside = Pick<Deps, 'db' | 'chain' | 'clock' | 'riskLimit' | 'meter' | 'tracer'>

/** Confirmations that share their queries and their transaction. Alone, none waits for another. */
const MOST_TOGETHER = 100

/** Opens the way in for confirmations. One a process: those that come at one time share the database's work. */
export function openAuthoriser(deps: Outside): Authorise {
  const look = crowd(MOST_TOGETHER, (asked: readonly Confirmation[]) => lookUp(deps.db, asked))
  const take = crowd(MOST_TOGETHER, (all: readonly Candidate[]) => takeAll(deps, all), apart)
  return async (confirmation) => {
    const known = await look(confirmation)
    if (known === undefined) throw new Fault('not_found', 'There is no invoice behind this code')
    const doubled = await findDoubled(deps, known.invoice, confirmation)
    if (doubled !== undefined) return { isNew: false, invoice: known.invoice, payment: doubled }
    const candidate = await check(deps, known, confirmation)
    const outcome = await take(candidate)
    if (outcome === 'lost') return explain(deps, candidate)
    if (outcome instanceof Fault) throw outcome
    return outcome
  }
}

/** Two payments of one invoice, and two approvals before a block, depend on which of them was committed first. */
function apart({ invoice, confirmation }: Candidate): string[] {
  return confirmation.chainState === 'live' ? [invoice.id] : [invoice.id, 'late']
}

/** What the rows say about a confirmation before the chain is asked. */
type Known = {
  readonly invoice: Invoice
  readonly merchant: Merchant
  readonly terms: Terms | undefined
  /** Counted before the balance is read and again after: what settles in between must not be missed by both. */
  readonly promised: bigint
}

async function lookUp(db: Db, asked: readonly Confirmation[]): Promise<(Known | undefined)[]> {
  const payers = asked.map(({ payer }) => payer)
  const codes = asked.map(({ code }) => code)
  const invoices = await invoicesByCode(db, codes)
  const found = [...invoices.values()]
  const ids = found.map(({ id }) => id)
  const [merchants, terms, promised] = await Promise.all([
    merchantsById(db, [...new Set(found.map(({ merchantId }) => merchantId))]),
    termsOf(db, ids, payers),
    inFlightAmounts(db, payers),
  ])
  return asked.map(({ code, payer }) => {
    const invoice = invoices.get(code)
    const merchant = invoice && merchants.get(invoice.merchantId)
    if (invoice === undefined || merchant === undefined) return undefined
    const offered = terms.get(`${invoice.id} ${payer}`)
    return { invoice, merchant, terms: offered, promised: promised.get(payer) ?? 0n }
  })
}

/** A confirmation that its signature and the chain speak for. */
type Candidate = Known & {
  readonly confirmation: Confirmation
  readonly terms: Terms
  readonly balance: bigint
  readonly traceparent: string | undefined
}

async function check(deps: Outside, known: Known, confirmation: Confirmation): Promise<Candidate> {
  const { invoice, merchant, terms } = known
  assertPayable(invoice, deps.clock.now())
  if (terms === undefined)
    throw new Fault('terms_missing', 'Ask for the terms of this payer first, then sign them')
  const agreed = termsToSign(invoice, merchant.settlementAddress, terms)
  if (!isSigned(deps, agreed, confirmation))
    throw new Fault(
      'signature_invalid',
      'Sign the terms of this invoice with the account that pays',
      { fields: [{ field: '/signature', code: 'not_by_payer' }] },
    )
  await assertSettleable(deps, merchant)
  const account = await deps.chain.account(confirmation.payer)
  if (account.isFrozen) throw new Fault('payer_frozen')
  if (!account.hasOwnKey) throw new Fault('payer_key_changed')
  if (!isNonceFree(account.window, BigInt(terms.nonce))) throw new Fault('nonce_used')
  const { traceparent } = deps.tracer.current()
  return { ...known, confirmation, terms, traceparent, balance: account.balance }
}

/** `lost`: someone else has moved the invoice meanwhile. */
type Outcome = Authorised | Fault | 'lost'

/** All in one transaction, or each in its own when one of them cannot be stored: it is not the others' fault. */
async function takeAll(deps: Outside, candidates: readonly Candidate[]): Promise<Outcome[]> {
  try {
    return await deps.db.transaction((tx) => takeIn(deps, tx, candidates))
  } catch (error) {
    if (error instanceof Fault && error.code === 'database_unavailable') throw error
    if (candidates.length === 1) return [asFault(error)]
    const outcomes: Outcome[] = []
    for (const one of candidates) outcomes.push(...(await takeAll(deps, [one])))
    return outcomes
  }
}

function asFault(error: unknown): Fault {
  return error instanceof Fault ? error : new Fault('internal', undefined, { cause: error })
}

async function takeIn(deps: Outside, tx: Db, candidates: readonly Candidate[]): Promise<Outcome[]> {
  const payers = candidates.map(({ confirmation }) => confirmation.payer)
  await lockPayers(tx, payers)
  const now = deps.clock.now()
  const ids = candidates.map(({ invoice }) => invoice.id)
  const payable = await lockPayableInvoices(tx, ids, now)
  const funds = openFunds(await inFlightAmounts(tx, payers))
  const payments = new Map<Candidate, Payment>()
  const faults = new Map<Candidate, Fault>()
  for (const one of candidates.filter(({ invoice }) => payable.has(invoice.id))) {
    const { invoice, balance, promised: promisedBefore } = one
    const { payer } = one.confirmation
    const fault = funds.promise({ payer, amount: invoice.amount, balance, promisedBefore })
    if (fault === undefined) payments.set(one, await newPayment(deps, tx, one, now))
    else faults.set(one, fault)
  }
  const taken = await store(deps, tx, [...payments.values()])
  return candidates.map((one) => {
    const payment = payments.get(one)
    const invoice = taken.get(one.invoice.id)
    if (payment === undefined || invoice === undefined) return faults.get(one) ?? 'lost'
    return { isNew: true, invoice, payment }
  })
}

async function store(
  deps: Outside,
  tx: Db,
  payments: readonly Payment[],
): Promise<Map<InvoiceId, Invoice>> {
  if (payments.length === 0) return new Map()
  await insertPayments(tx, payments)
  const ids = payments.map(({ invoiceId }) => invoiceId)
  const taken = await takeInvoices(tx, ids)
  await enqueue(tx, settlePaymentJob, [{ traceparent: payments[0]?.traceparent }])
  for (const payment of payments) {
    if (payment.approvedAt !== undefined) await tellOfApproval(tx, payment, payment.approvedAt)
    tx.onCommit(() => deps.meter.authorised(payment.approvedAt !== undefined))
  }
  return taken
}

async function newPayment(
  deps: Outside,
  tx: Db,
  { invoice, merchant, terms, confirmation, traceparent }: Candidate,
  now: Date,
): Promise<Payment> {
  return authorised({
    id: newId('pay', now),
    invoiceId: invoice.id,
    merchantId: merchant.id,
    chainId: deps.chain.chainId,
    chainInvoice: invoice.chainInvoice,
    payer: confirmation.payer,
    merchantAddress: merchant.settlementAddress,
    amount: invoice.amount,
    feeBasisPoints: merchant.feeBasisPoints,
    nonce: terms.nonce,
    validBefore: terms.validBefore,
    signature: compactSignature(confirmation.signature),
    approvedAt: (await mayHandOver(deps, tx, invoice, confirmation.chainState)) ? now : undefined,
    createdAt: now,
    traceparent,
  })
}

async function mayHandOver(
  deps: Outside,
  tx: Db,
  { storeId, amount }: Invoice,
  chainState: ChainState,
): Promise<boolean> {
  if (chainState === 'live') return false
  const limit = (await getStore(tx, storeId)).riskLimit ?? deps.riskLimit
  return approve(tx, { storeId, amount, limit, now: deps.clock.now() })
}

async function tellOfApproval(tx: Db, payment: Payment, at: Date): Promise<void> {
  const event = eventOf({
    merchantId: payment.merchantId,
    type: 'payment.approved',
    aggregateId: payment.id,
    // Below the 1 of its end, so that a receiver who hears of the end first drops this one.
    sequence: 0,
    object: paymentView(payment),
    at,
    traceparent: payment.traceparent,
  })
  await enqueue(tx, deliverWebhookJob, await recordEvents(tx, [event]))
}

/** The payment that this confirmation made before: the network, or a finger, sent it twice. */
async function findDoubled(
  deps: Pick<Deps, 'db' | 'chain'>,
  invoice: Invoice,
  confirmation: Confirmation,
): Promise<Payment | undefined> {
  if (invoice.status !== 'paying' && invoice.status !== 'paid') return undefined
  const payment = await findLatestPayment(deps.db, invoice.id)
  if (payment === undefined || payment.payer !== confirmation.payer) return undefined
  const agreed = termsToSign(invoice, payment.merchantAddress, payment)
  return isSigned(deps, agreed, confirmation) ? payment : undefined
}

function isSigned(
  { chain }: Pick<Deps, 'chain'>,
  agreed: PaymentTerms,
  { payer, signature }: Confirmation,
): boolean {
  return recoverPayer(paymentDigest(chain.domain, agreed), signature) === payer
}

/** What no batch could settle is not accepted: it would hold up the payments that ride with it. */
async function assertSettleable(deps: Pick<Deps, 'chain'>, merchant: Merchant): Promise<void> {
  const rules = await deps.chain.rules()
  if (rules.isPaused) throw new Fault('chain_unavailable', 'The token is paused')
  if (merchant.feeBasisPoints > rules.feeCapBasisPoints)
    throw new Fault('internal', `The fee of ${merchant.id} is above the cap of the token`)
}

/** Someone has moved the invoice: the same confirmation a moment before, or what makes it unpayable. */
async function explain(deps: Outside, { invoice, confirmation }: Candidate): Promise<Authorised> {
  const taken = await getInvoice(deps.db, invoice.id)
  const twin = await findDoubled(deps, taken, confirmation)
  if (twin !== undefined) return { isNew: false, invoice: taken, payment: twin }
  assertPayable(taken, deps.clock.now())
  throw new Fault('invoice_paying')
}
