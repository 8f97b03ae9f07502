import { listMinedFrom } from '../domains/settlement/store.ts'
import type { Signer } from '../kernel/signer.ts'
import type { Deps } from './deps.ts'

/**
 * Sends mined transactions again that a node has lost: one that crashed comes back some blocks behind, and the stored
 * bytes make the same history. Returns how many the node had to hear.
 */
export async function healRollback(
  deps: Pick<Deps, 'db' | 'chain' | 'log'>,
  signer: Signer,
): Promise<number> {
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const lost = await listMinedFrom(deps.db, lane, await deps.chain.nonce(lane.address))
  for (const raw of lost) await deps.chain.broadcast(raw)
  if (lost.length > 0)
    deps.log.warn('a node is behind; sent it what it lost', { count: lost.length })
  return lost.length
}
