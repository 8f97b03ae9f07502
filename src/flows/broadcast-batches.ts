import type { InFlight } from '../domains/settlement/batch.ts'
import { readRaws } from '../domains/settlement/store.ts'
import type { Hex } from '../kernel/hex.ts'
import type { BroadcastAnswer } from '../platform/chain/chain.ts'
import { isLeaseLive, type Lease } from '../platform/db/leases.ts'
import type { Deps } from './deps.ts'

/**
 * Sends journaled transactions of a lane, lowest nonce first, as long as the lease lasts. Stops at the first that no
 * node takes. What was sent before goes to every node. Returns what was said to each.
 */
export async function broadcastBatches(
  deps: Pick<Deps, 'db' | 'chain' | 'log' | 'meter' | 'tracer'>,
  lease: Lease,
  batches: readonly InFlight[],
  wasSent: (txHash: Hex) => boolean = () => false,
): Promise<readonly { readonly batch: InFlight; readonly answer: BroadcastAnswer }[]> {
  if (batches.length === 0) return []
  const raws = await readRaws(
    deps.db,
    batches.map((batch) => batch.txHash),
    lease,
  )
  const said: { batch: InFlight; answer: BroadcastAnswer }[] = []
  for (const batch of batches) {
    // A process that was frozen wakes up here: what it holds may be another's by now.
    const raw = raws.get(batch.txHash)
    if (raw === undefined || !isLeaseLive(lease)) break
    const trace = { kind: 'client', parent: batch.traceparent ?? undefined } as const
    // Whoever took it and has no block with it may have told nobody.
    const send = () => deps.chain.broadcast(raw, wasSent(batch.txHash) ? 'all' : 'one')
    const { answer, text } = await deps.tracer.span('broadcast batch', trace, send)
    said.push({ batch, answer })
    deps.meter.broadcast(answer)
    const words = { txHash: batch.txHash, nonce: batch.nonce, answer, text }
    if (answer === 'accepted' || answer === 'look') deps.log.debug('batch sent', words)
    else {
      deps.log.warn('a node does not take a batch; it is sent again', words)
      break
    }
  }
  return said
}
