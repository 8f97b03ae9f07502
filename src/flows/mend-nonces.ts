import type { Batch } from '../domains/settlement/batch.ts'
import { advanceLane } from '../domains/settlement/lane-store.ts'
import { insertBatch } from '../domains/settlement/store.ts'
import { newId } from '../kernel/ids.ts'
import type { Signer } from '../kernel/signer.ts'
import { signTransaction } from '../platform/chain/transaction.ts'
import { holdsLease, type Lease } from '../platform/db/leases.ts'
import type { Deps } from './deps.ts'

/** What a transfer of nothing costs. */
const TRANSFER_GAS = 21_000n

/**
 * Uses up a nonce that the chain waits for and under which the journal has nothing, by a transfer of nothing to the
 * lane itself: everything above it would wait for ever. It stands in the journal like any batch, without payments.
 * False when the lease, or the nonce, is another's by now.
 */
export async function fillGap(
  deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'log' | 'meter'>,
  signer: Signer,
  lease: Lease,
  gap: { readonly nonce: bigint; readonly maxFeePerGas: bigint; readonly head: bigint },
): Promise<boolean> {
  const { nonce, maxFeePerGas } = gap
  const { chainId } = deps.chain
  const signed = await signTransaction(signer, {
    ...{ chainId, nonce, to: signer.address, data: '0x', gas: TRANSFER_GAS },
    maxFeePerGas,
  })
  const now = deps.clock.now()
  const batch: Batch = {
    id: newId('bat', now),
    chainId,
    address: signer.address,
    nonce,
    journaledAtBlock: gap.head,
    createdAt: now,
  }
  const attempt = { ...signed, batchId: batch.id, attempt: 1, gas: TRANSFER_GAS, maxFeePerGas }
  const isWritten = await deps.db.transaction(
    async (tx) =>
      (await holdsLease(tx, lease)) &&
      (await insertBatch(tx, batch, { ...attempt, signedAt: now })),
  )
  if (isWritten) deps.meter.surprise('gap')
  if (isWritten) deps.log.error('filled a gap before the nonces of a lane', { nonce })
  return isWritten
}

/**
 * Counts a lane on from a nonce that the chain has reached without it: its key was used elsewhere. Where there are two
 * nodes, two must say so: a lane that is counted on too far has to fill every nonce on the way.
 */
export async function countOn(
  deps: Pick<Deps, 'db' | 'chain' | 'log' | 'meter'>,
  signer: Signer,
  lease: Lease,
  { from, to }: { readonly from: bigint; readonly to: bigint },
): Promise<boolean> {
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const isSaidByTwo =
    deps.chain.nodes().length < 2 ||
    (await Promise.all([0, 1].map((place) => deps.chain.nonce(lane.address, place)))).every(
      (nonce) => nonce >= to,
    )
  if (!isSaidByTwo) return false
  const isMoved = await deps.db.transaction(
    async (tx) => (await holdsLease(tx, lease)) && (await advanceLane(tx, lane, from, to)),
  )
  if (isMoved) deps.meter.surprise('foreign_nonce')
  if (isMoved) deps.log.error('the key of a lane was used elsewhere', { ...lane, from, to })
  return isMoved
}
