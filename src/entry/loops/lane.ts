import { waitingSummary } from '../../domains/payments/store.ts'
import { gatherDelayMs, MAX_BATCH_PAYMENTS } from '../../domains/settlement/batch.ts'
import { openLane } from '../../domains/settlement/store.ts'
import { broadcastBatches, type LastSent } from '../../flows/broadcast-batches.ts'
import type { Deps } from '../../flows/deps.ts'
import { healRollback } from '../../flows/heal-rollback.ts'
import { journalBatch } from '../../flows/journal-batch.ts'
import { reconcileBatches } from '../../flows/reconcile-batches.ts'
import type { Signer } from '../../kernel/signer.ts'
import { seekLeadership } from './leader.ts'
import { type Loop, startLoop } from './loop.ts'

/** A process that does not lead asks this often whether it may; a token that refuses is asked again as seldom. */
const LOOK_MS = 1_000
/** Who leads looks by itself this often: the job that says so may have gone to another process, or been lost. */
const LEADER_LOOK_MS = 100
/** While batches are in flight, their blocks are awaited this closely. */
const IN_FLIGHT_LOOK_MS = 100
const RECONCILE_MS = 2_000

/** The sender loop of one relayer key: gathers waiting payments, journals, broadcasts, finds failed batches. */
export function startLane(deps: Deps, signer: Signer, holder: string): Loop {
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const leadership = seekLeadership(deps.db, `lane:${lane.chainId}:${lane.address}`, holder)
  const lastSent: LastSent = new Map()
  let isOpen = false
  let reconcileAt = 0

  const loop = startLoop(deps.log, `lane ${lane.address}`, async () => {
    const lease = await leadership.lease()
    if (lease === undefined) return LOOK_MS
    if (!isOpen) {
      await openLane(deps.db, lane, await deps.chain.nonce(lane.address))
      isOpen = true
    }
    const now = performance.now()
    if (now >= reconcileAt) {
      reconcileAt = now + RECONCILE_MS
      await healRollback(deps, signer)
      await reconcileBatches(deps, signer)
    }
    const inFlight = await broadcastBatches(deps, signer, lastSent)
    const { waiting, oldest } = await waitingSummary(deps.db, lane.chainId, MAX_BATCH_PAYMENTS)
    const delay = gatherDelayMs({
      inFlight,
      waiting,
      oldestWaitedMs: oldest ? deps.clock.now().getTime() - oldest.getTime() : 0,
    })
    if (delay === undefined) return inFlight > 0 ? IN_FLIGHT_LOOK_MS : LEADER_LOOK_MS
    if (delay > 0) return delay
    const batch = await journalBatch(deps, signer, lease)
    if (batch === undefined) return LOOK_MS
    await broadcastBatches(deps, signer, lastSent)
    return IN_FLIGHT_LOOK_MS
  })

  return {
    wake: loop.wake,
    stop: async () => {
      await loop.stop()
      await leadership.drop().catch(() => {})
    },
  }
}
