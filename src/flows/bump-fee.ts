import type { Attempt, InFlight } from '../domains/settlement/batch.ts'
import { insertAttempt, readRaws } from '../domains/settlement/store.ts'
import type { Signer } from '../kernel/signer.ts'
import { withHigherFee } from '../platform/chain/transaction.ts'
import { holdsLease, type Lease } from '../platform/db/leases.ts'
import type { Deps } from './deps.ts'

/**
 * Signs a batch again under the same nonce, with the same calldata, at a higher fee, and writes that into the journal
 * before anyone may send it. The older attempts stay there: a block may still take any of them. Undefined when the lease
 * or the attempt is another's by now.
 */
export async function bumpFee(
  deps: Pick<Deps, 'db' | 'clock' | 'log' | 'meter'>,
  signer: Signer,
  lease: Lease,
  batch: InFlight,
  maxFeePerGas: bigint,
): Promise<InFlight | undefined> {
  const raw = (await readRaws(deps.db, [batch.txHash], lease)).get(batch.txHash)
  if (raw === undefined) return undefined
  const signed = await withHigherFee(signer, raw, maxFeePerGas)
  const attempt: Attempt = {
    ...signed,
    batchId: batch.batchId,
    attempt: batch.attempt + 1,
    gas: batch.gas,
    maxFeePerGas,
    signedAt: deps.clock.now(),
  }
  const isWritten = await deps.db.transaction(
    async (tx) => (await holdsLease(tx, lease)) && (await insertAttempt(tx, attempt)),
  )
  if (!isWritten) return undefined
  deps.meter.signed(attempt.attempt)
  deps.log.warn('raised the fee of a batch', {
    batchId: batch.batchId,
    nonce: batch.nonce,
    from: batch.maxFeePerGas,
    to: maxFeePerGas,
  })
  return { ...batch, txHash: signed.txHash, attempt: attempt.attempt, maxFeePerGas }
}
