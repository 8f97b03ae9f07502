import { assertPayable, type Invoice } from '../domains/invoices/invoice.ts'
import { getInvoice, getInvoiceByCode, takeInvoice } from '../domains/invoices/store.ts'
import type { Merchant } from '../domains/merchants/merchant.ts'
import { getMerchant, getStore } from '../domains/merchants/store.ts'
import { approvalsCountAfter, isApproved } from '../domains/payments/approval.ts'
import { atRiskAmount, lockApprovals } from '../domains/payments/approval-store.ts'
import { isNonceFree } from '../domains/payments/nonce.ts'
import { findTerms, type Terms } from '../domains/payments/nonce-store.ts'
import type { Payment } from '../domains/payments/payment.ts'
import {
  findLatestPayment,
  inFlightAmount,
  insertPayment,
  lockPayer,
} from '../domains/payments/store.ts'
import { paymentView } from '../domains/payments/view.ts'
import type { ChainState } from '../domains/settlement/chain-state.ts'
import { eventOf } from '../domains/webhooks/event.ts'
import { recordEvents } from '../domains/webhooks/store.ts'
import { Fault } from '../kernel/errors.ts'
import type { Hex } from '../kernel/hex.ts'
import { newId } from '../kernel/ids.ts'
import { feeOf } from '../kernel/money.ts'
import { unixSeconds } from '../kernel/time.ts'
import { compactSignature, paymentDigest, recoverPayer } from '../platform/chain/typed-data.ts'
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

/**
 * Accepts a signed payment of an invoice: when it returns, the payment is stored and will settle or be refused
 * with a reason. A doubled confirmation returns the same payment. Throws the faults of an invoice that cannot be
 * paid, `terms_missing`, `signature_invalid`, `nonce_used`, `payer_frozen`, `payer_key_changed`,
 * `insufficient_funds`.
 */
export async function authorisePayment(
  deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'riskLimit' | 'meter' | 'tracer'>,
  confirmation: Confirmation,
): Promise<Payment> {
  const invoice = await getInvoiceByCode(deps.db, confirmation.code)
  const doubled = await findDoubled(deps, invoice, confirmation)
  if (doubled !== undefined) return doubled
  assertPayable(invoice, deps.clock.now())
  const terms = await findTerms(deps.db, invoice.id, confirmation.payer)
  if (terms === undefined)
    throw new Fault('terms_missing', 'Ask for the terms of this payer first, then sign them')
  const merchant = await getMerchant(deps.db, invoice.merchantId)
  if (!isSigned(deps, invoice, merchant.settlementAddress, terms, confirmation))
    throw new Fault(
      'signature_invalid',
      'Sign the terms of this invoice with the account that pays',
      {
        fields: [{ field: '/signature', code: 'not_by_payer' }],
      },
    )
  await assertSettleable(deps, merchant)
  // Counted before the balance is read and again after: what settles in between must not be missed by both.
  const promised = await inFlightAmount(deps.db, confirmation.payer)
  const account = await deps.chain.account(confirmation.payer)
  if (account.isFrozen) throw new Fault('payer_frozen')
  if (!account.hasOwnKey) throw new Fault('payer_key_changed')
  if (!isNonceFree(account.window, BigInt(terms.nonce))) throw new Fault('nonce_used')

  return deps.db.transaction(async (tx) => {
    await lockPayer(tx, confirmation.payer)
    const now = deps.clock.now()
    if ((await takeInvoice(tx, invoice.id, now)) === undefined) {
      const taken = await getInvoice(tx, invoice.id)
      const twin = await findDoubled({ db: tx, chain: deps.chain }, taken, confirmation)
      if (twin !== undefined) return twin
      assertPayable(taken, now)
      throw new Fault('invoice_paying')
    }
    await assertFunds(tx, confirmation.payer, account.balance, promised, invoice)
    const payment: Payment = {
      ...NOT_YET,
      id: newId('pay', now),
      invoiceId: invoice.id,
      merchantId: merchant.id,
      chainId: deps.chain.chainId,
      chainInvoice: invoice.chainInvoice,
      payer: confirmation.payer,
      merchantAddress: merchant.settlementAddress,
      amount: invoice.amount,
      feeBasisPoints: merchant.feeBasisPoints,
      fee: feeOf(invoice.amount, merchant.feeBasisPoints),
      nonce: terms.nonce,
      validBefore: terms.validBefore,
      signature: compactSignature(confirmation.signature),
      approvedAt: (await mayHandOver(deps, tx, invoice, confirmation.chainState)) ? now : undefined,
      createdAt: now,
      traceparent: deps.tracer.current().traceparent,
    }
    await insertPayment(tx, payment)
    await enqueue(tx, settlePaymentJob, [{ traceparent: payment.traceparent }])
    if (payment.approvedAt !== undefined) await tellOfApproval(tx, payment, payment.approvedAt)
    tx.onCommit(() => deps.meter.authorised(payment.approvedAt !== undefined))
    return payment
  })
}

const NOT_YET = {
  status: 'authorised',
  reason: undefined,
  batchId: undefined,
  txHash: undefined,
  blockNumber: undefined,
  logIndex: undefined,
  settledAt: undefined,
} as const

/** Whether the store hands over before a block comes. Its tills ask one after the other, so no two take the last won. */
async function mayHandOver(
  deps: Pick<Deps, 'clock' | 'riskLimit'>,
  tx: Db,
  { storeId, amount }: Invoice,
  chainState: ChainState,
): Promise<boolean> {
  if (chainState === 'live') return false
  const limit = (await getStore(tx, storeId)).riskLimit ?? deps.riskLimit
  if (limit < amount) return false
  await lockApprovals(tx, storeId)
  const atRisk = await atRiskAmount(tx, storeId, approvalsCountAfter(deps.clock.now()))
  return isApproved({ isChainLate: true, limit, atRisk, amount })
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
  const isSame = isSigned(deps, invoice, payment.merchantAddress, payment, confirmation)
  return isSame ? payment : undefined
}

function isSigned(
  deps: Pick<Deps, 'chain'>,
  invoice: Invoice,
  merchant: Hex,
  terms: Terms,
  confirmation: Confirmation,
): boolean {
  const digest = paymentDigest(deps.chain.domain, {
    merchant,
    amount: invoice.amount,
    nonce: terms.nonce,
    validBefore: unixSeconds(terms.validBefore),
    invoice: invoice.chainInvoice,
  })
  return recoverPayer(digest, confirmation.signature) === confirmation.payer
}

/** What no batch could settle is not accepted: it would hold up the payments that ride with it. */
async function assertSettleable(deps: Pick<Deps, 'chain'>, merchant: Merchant): Promise<void> {
  const rules = await deps.chain.rules()
  if (rules.isPaused) throw new Fault('chain_unavailable', 'The token is paused')
  if (merchant.feeBasisPoints > rules.feeCapBasisPoints)
    throw new Fault('internal', `The fee of ${merchant.id} is above the cap of the token`)
}

async function assertFunds(
  tx: Db,
  payer: Hex,
  balance: bigint,
  promisedBefore: bigint,
  invoice: Invoice,
): Promise<void> {
  const promised = await inFlightAmount(tx, payer)
  const free = balance - (promised > promisedBefore ? promised : promisedBefore)
  if (free < invoice.amount)
    throw new Fault('insufficient_funds', `This account can pay ${free > 0n ? free : 0n} won now`)
}
