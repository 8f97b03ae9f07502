import { REBROADCAST_MS } from '../domains/settlement/batch.ts'
import { listInFlight } from '../domains/settlement/store.ts'
import { Fault } from '../kernel/errors.ts'
import type { Hex } from '../kernel/hex.ts'
import type { Signer } from '../kernel/signer.ts'
import type { Deps } from './deps.ts'

/** When this process last sent each raw transaction. Only manners: losing it costs one rebroadcast. */
export type LastSent = Map<Hex, number>

/**
 * Sends the journaled transactions of a lane, lowest nonce first, each again every three seconds until its block
 * comes. Stops at the first node that cannot take one, so that a gap never forms. Returns how many are in flight.
 */
export async function broadcastBatches(
  deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'log'>,
  signer: Signer,
  lastSent: LastSent,
): Promise<number> {
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const inFlight = await listInFlight(deps.db, lane)
  const now = deps.clock.now().getTime()
  const live = new Set(inFlight.map((one) => one.txHash))
  for (const hash of lastSent.keys()) if (!live.has(hash)) lastSent.delete(hash)
  for (const { txHash, raw, nonce } of inFlight) {
    if (now - (lastSent.get(txHash) ?? 0) < REBROADCAST_MS) continue
    const { answer, text } = await deps.chain.broadcast(raw)
    if (answer !== 'accepted' && answer !== 'look')
      throw new Fault('chain_unavailable', `The batch with nonce ${nonce} was not taken: ${text}`)
    lastSent.set(txHash, now)
    deps.log.debug('batch sent', { txHash, nonce, answer })
  }
  return inFlight.length
}
