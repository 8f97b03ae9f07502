import { listMinedFrom, readRaws } from '../domains/settlement/store.ts'
import type { Signer } from '../kernel/signer.ts'
import { isLeaseLive, type Lease } from '../platform/db/leases.ts'
import type { Deps } from './deps.ts'

/**
 * Sends mined transactions from a nonce on again, for a node that has lost them: one that crashed comes back some
 * blocks behind, and the stored bytes make the same history. Returns how many it was told.
 */
export async function healRollback(
  deps: Pick<Deps, 'db' | 'chain' | 'log'>,
  signer: Signer,
  lease: Lease,
  from: bigint,
): Promise<number> {
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const lost = await listMinedFrom(deps.db, lane, from)
  const hashes = lost.map((one) => one.txHash)
  const raws = await readRaws(deps.db, hashes, lease)
  const told = new Set<bigint>()
  for (const { nonce, txHash } of lost) {
    const raw = raws.get(txHash)
    if (raw === undefined || told.has(nonce) || !isLeaseLive(lease)) continue
    // Another attempt of the nonce is for a chain that has become too dear for the one that was mined.
    if ((await deps.chain.broadcast(raw)).answer !== 'fee_too_low') told.add(nonce)
  }
  if (told.size > 0)
    deps.log.warn('a node is behind; told it what it lost', { from, count: told.size })
  return told.size
}
