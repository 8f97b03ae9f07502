import type { Payment } from '../domains/payments/payment.ts'
import { assignToBatch, listWaitingPayments } from '../domains/payments/store.ts'
import { type Batch, MAX_BATCH_PAYMENTS } from '../domains/settlement/batch.ts'
import { nextNonce, journalBatch as writeBatch } from '../domains/settlement/store.ts'
import { newId } from '../kernel/ids.ts'
import type { Signer } from '../kernel/signer.ts'
import { unixSeconds } from '../kernel/time.ts'
import { encodeSettleBatch, type SettlementGroup } from '../platform/chain/batch.ts'
import { settleBatchGasLimit } from '../platform/chain/batch-limits.ts'
import { signTransaction } from '../platform/chain/transaction.ts'
import { holdsLease, type Lease } from '../platform/db/leases.ts'
import type { Deps } from './deps.ts'

/** Six rises of Kaia's base fee, five per cent each, fit in. */
const FEE_MARGIN = 2n
const MIN_MAX_FEE = 50_000_000_000n

/**
 * Puts waiting payments of a lane into one signed batch in the journal. Signing comes before the transaction and
 * broadcasting after it: no byte leaves that is not stored. Undefined when nothing waits, when the lease is
 * another's, when the token refuses batches, or when someone took the nonce or a payment first.
 */
export async function journalBatch(
  deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'log'>,
  signer: Signer,
  lease: Lease,
): Promise<Batch | undefined> {
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const waiting = await listWaitingPayments(deps.db, lane.chainId, MAX_BATCH_PAYMENTS)
  const nonce = await nextNonce(deps.db, lane)
  if (waiting.length === 0 || nonce === undefined) return undefined
  const payments = await whatPasses(deps, signer, waiting)
  if (payments.length === 0) return undefined
  const groups = groupsOf(payments)
  const data = encodeSettleBatch(groups)
  const { baseFeePerGas } = await deps.chain.head()
  const maxFeePerGas =
    baseFeePerGas * FEE_MARGIN > MIN_MAX_FEE ? baseFeePerGas * FEE_MARGIN : MIN_MAX_FEE
  const signed = await signTransaction(signer, {
    chainId: lane.chainId,
    nonce,
    to: deps.chain.token,
    data,
    gas: settleBatchGasLimit(payments.length, groups.length),
    maxFeePerGas,
  })
  const now = deps.clock.now()
  const batch: Batch = {
    id: newId('bat', now),
    chainId: lane.chainId,
    lane: lane.address,
    nonce,
    createdAt: now,
  }
  const attempt = { ...signed, batchId: batch.id, attempt: 1, maxFeePerGas, signedAt: now }
  const ids = payments.map((payment) => payment.id)
  return deps.db
    .transaction(async (tx) => {
      if (!(await holdsLease(tx, lease))) throw new Overtaken()
      if (!(await writeBatch(tx, batch, attempt, ids))) throw new Overtaken()
      if ((await assignToBatch(tx, ids, batch.id)) !== ids.length) throw new Overtaken()
      return batch
    })
    .catch((error) => {
      if (error instanceof Overtaken) return undefined
      throw error
    })
}

/** What the token refuses a whole batch for although most of it could pass. */
const REFUSES_A_PART: readonly string[] = ['SettlerDailyLimitExceeded', 'FeeAboveCap']

/**
 * The payments that the token would take together now: all of them, or else a part, so that one payment above a limit
 * holds up nobody else. A transaction that must fail is never sent: it would burn its gas and come back for more.
 */
async function whatPasses(
  deps: Pick<Deps, 'chain' | 'log'>,
  signer: Signer,
  payments: readonly Payment[],
): Promise<readonly Payment[]> {
  const refusal = await deps.chain.rehearse(signer.address, encodeSettleBatch(groupsOf(payments)))
  if (refusal === undefined) return payments
  const ids = payments.map((payment) => payment.id)
  if (payments.length === 1 || !REFUSES_A_PART.includes(refusal)) {
    deps.log.error('the token refuses these payments now; they wait', { refusal, ids })
    return []
  }
  const middle = Math.ceil(payments.length / 2)
  const first = await whatPasses(deps, signer, payments.slice(0, middle))
  return first.length > 0 ? first : whatPasses(deps, signer, payments.slice(middle))
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
