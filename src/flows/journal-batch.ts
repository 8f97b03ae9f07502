import type { Payment } from '../domains/payments/payment.ts'
import { assignToBatch, listWaitingPayments } from '../domains/payments/store.ts'
import { type Batch, MAX_BATCH_PAYMENTS } from '../domains/settlement/batch.ts'
import type { Share } from '../domains/settlement/lane-store.ts'
import { journalBatch as writeBatch } from '../domains/settlement/store.ts'
import type { Aside } from '../kernel/aside.ts'
import { newId, type PaymentId } from '../kernel/ids.ts'
import type { Signer } from '../kernel/signer.ts'
import { unixSeconds } from '../kernel/time.ts'
import { encodeSettleBatch, type SettlementGroup } from '../platform/chain/batch.ts'
import { settleBatchGasLimit } from '../platform/chain/batch-limits.ts'
import { signTransaction } from '../platform/chain/transaction.ts'
import { holdsLease, type Lease } from '../platform/db/leases.ts'
import type { Deps } from './deps.ts'

/** What a lane may spend on a new batch, by its plan. */
type Means = {
  readonly nonce: bigint
  /** Wei (kei on Kaia) per gas. */
  readonly maxFeePerGas: bigint
  /** Wei (kei on Kaia) that no other batch needs. */
  readonly freeGasMoney: bigint
  /** The newest block. */
  readonly head: bigint
  readonly share: Share
  /** Payments that the token refuses by themselves: they keep nobody's place. */
  readonly aside: Aside<PaymentId>
}

/**
 * Puts waiting payments of a lane into one signed batch in the journal. Signing comes before the transaction and
 * broadcasting after it: no byte leaves that is not stored. Undefined when nothing waits or the token refuses what
 * does; `overtaken` when the lease is another's by now, or someone took the nonce or a payment first.
 */
export async function journalBatch(
  deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'log' | 'meter' | 'tracer'>,
  signer: Signer,
  lease: Lease,
  means: Means,
): Promise<Batch | 'overtaken' | undefined> {
  const { chainId, token } = deps.chain
  const { nonce, maxFeePerGas } = means
  const { share, aside } = means
  const waiting = await listWaitingPayments(
    deps.db,
    chainId,
    share,
    aside.list(),
    MAX_BATCH_PAYMENTS,
  )
  const payments = await whatPasses({ ...deps, aside }, signer, affordable(waiting, means))
  if (payments.length === 0) return undefined
  const gas = gasOf(payments)
  const data = encodeSettleBatch(groupsOf(payments))
  const call = { chainId, nonce, to: token, data, gas, maxFeePerGas }
  const signed = await signTransaction(signer, call)
  const now = deps.clock.now()
  const batch: Batch = {
    id: newId('bat', now),
    chainId,
    address: signer.address,
    nonce,
    journaledAtBlock: means.head,
    createdAt: now,
    traceparent: deps.tracer.current().traceparent,
  }
  deps.tracer.current().link(payments.map((payment) => payment.traceparent))
  const attempt = { ...signed, batchId: batch.id, attempt: 1, gas, maxFeePerGas, signedAt: now }
  const ids = payments.map((payment) => payment.id)
  return deps.db
    .transaction(async (tx) => {
      if (!(await holdsLease(tx, lease))) throw new Overtaken()
      if (!(await writeBatch(tx, batch, attempt, ids))) throw new Overtaken()
      if ((await assignToBatch(tx, ids, batch.id)) !== ids.length) throw new Overtaken()
      tx.onCommit(() => deps.meter.journaled(ids.length))
      tx.onCommit(() => deps.meter.signed(attempt.attempt))
      return batch
    })
    .catch((error) => {
      if (error instanceof Overtaken) return 'overtaken' as const
      throw error
    })
}

/** As many of the oldest as the lane can pay gas for: a batch that no node takes would hold them all up. */
function affordable(payments: readonly Payment[], means: Means): readonly Payment[] {
  const canPay = (count: number) =>
    gasOf(payments.slice(0, count)) * means.maxFeePerGas <= means.freeGasMoney
  let count = payments.length
  while (count > 0 && !canPay(count)) count = Math.floor(count / 2)
  return payments.slice(0, count)
}

function gasOf(payments: readonly Payment[]): bigint {
  return settleBatchGasLimit(payments.length, groupsOf(payments).length)
}

/** What the token refuses a whole batch for although a part of it could pass, and whom it then refuses with another. */
const REFUSES_A_PART: Readonly<Record<string, (refused: Payment, other: Payment) => boolean>> = {
  SettlerDailyLimitExceeded: (refused, other) => other.amount >= refused.amount,
  FeeAboveCap: (refused, other) => other.feeBasisPoints >= refused.feeBasisPoints,
}

/**
 * The payments that the token would take together now: all of them, or else a part, so that payments above a limit hold
 * up nobody else: they are put aside. A transaction that must fail is never sent: it would burn its gas and come back.
 */
async function whatPasses(
  deps: Pick<Deps, 'chain' | 'log'> & Pick<Means, 'aside'>,
  signer: Signer,
  part: readonly Payment[],
  all = part,
): Promise<readonly Payment[]> {
  const payments = part.filter((payment) => !deps.aside.has(payment.id))
  const [first] = payments
  if (first === undefined) return []
  const refusal = await deps.chain.rehearse(signer.address, encodeSettleBatch(groupsOf(payments)))
  if (refusal === undefined) return payments
  const isRefusedWith = REFUSES_A_PART[refusal]
  if (isRefusedWith === undefined) {
    const ids = payments.map((payment) => payment.id)
    deps.log.error('the token refuses these payments now; they wait', { refusal, ids })
    return []
  }
  if (payments.length === 1) {
    deps.aside.put(all.filter((other) => isRefusedWith(first, other)).map(({ id }) => id))
    deps.log.error('the token refuses a payment, and those like it, now; others go first', {
      ...{ refusal, id: first.id },
    })
    return []
  }
  const middle = Math.ceil(payments.length / 2)
  const early = await whatPasses(deps, signer, payments.slice(0, middle), all)
  return early.length > 0 ? early : whatPasses(deps, signer, payments.slice(middle), all)
}

/** Rolls the journal back: another process moved one of these rows first. */
class Overtaken extends Error {}

function groupsOf(payments: readonly Payment[]): SettlementGroup[] {
  const groups = new Map<string, Payment[]>()
  for (const payment of payments) {
    const key = `${payment.merchantAddress} ${payment.feeBasisPoints}`
    const members = groups.get(key)
    if (members === undefined) groups.set(key, [payment])
    else members.push(payment)
  }
  return [...groups.values()].flatMap((members) => {
    const [first] = members
    if (first === undefined) return []
    return [
      {
        merchant: first.merchantAddress,
        feeBasisPoints: first.feeBasisPoints,
        items: members.map((payment) => ({
          signature: payment.signature,
          amount: payment.amount,
          nonce: payment.nonce,
          validBefore: unixSeconds(payment.validBefore),
          invoice: payment.chainInvoice,
        })),
      },
    ]
  })
}
