import { detachFromBatch } from '../domains/payments/store.ts'
import { readCursor, settlementStream } from '../domains/settlement/chain-store.ts'
import { closeFailed, hashesOfBatch, listInFlight } from '../domains/settlement/store.ts'
import type { Signer } from '../kernel/signer.ts'
import type { Deps } from './deps.ts'

/**
 * Finds batches of a lane whose nonce a block has taken without any of their logs: a transaction mined as failed.
 * Its payments wait again and ride in a new batch. A missing receipt, an error or a node that is behind decides
 * nothing. Returns how many batches failed.
 */
export async function reconcileBatches(
  deps: Pick<Deps, 'db' | 'chain' | 'log'>,
  signer: Signer,
): Promise<number> {
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const inFlight = await listInFlight(deps.db, lane)
  if (inFlight.length === 0) return 0
  const spent = await deps.chain.nonce(lane.address)
  const cursor = await readCursor(deps.db, settlementStream(deps.chain))
  let failed = 0
  for (const { batchId } of inFlight.filter((one) => one.nonce < spent)) {
    for (const hash of await hashesOfBatch(deps.db, batchId)) {
      const receipt = await deps.chain.receipt(hash)
      if (receipt === undefined || receipt.succeeded) continue
      // The block of the failure must be read by the watcher first: its logs, if there are any, go before.
      if (cursor === undefined || receipt.blockNumber > cursor.blockNumber) continue
      const isClosed = await deps.db.transaction(async (tx) => {
        if (!(await closeFailed(tx, batchId, receipt.blockNumber))) return false
        await detachFromBatch(tx, batchId)
        return true
      })
      if (isClosed) failed++
      deps.log.error('batch mined as failed; its payments ride again', { batchId, txHash: hash })
    }
  }
  return failed
}
