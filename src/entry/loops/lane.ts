import { laneLease } from '../../domains/settlement/lane-store.ts'
import type { Deps } from '../../flows/deps.ts'
import { newReconcileMemory, reconcileBatches } from '../../flows/reconcile-batches.ts'
import { openBeat } from '../../kernel/beat.ts'
import type { Signer } from '../../kernel/signer.ts'
import { openLaneWork } from './lane-work.ts'
import { seekLeadership } from './leader.ts'
import { type Loop, startLoop } from './loop.ts'

/** A process that does not lead asks this often whether it may. */
const LOOK_MS = 1_000
const RECONCILE_MS = 2_000

/**
 * The sender loop of one relayer key: looks at rows and node, plans, and does what the plan says. `reread` is called
 * with the block from which on logs are missing.
 */
export function startLane(
  deps: Deps,
  signer: Signer,
  holder: string,
  reread: (from: bigint) => void,
): Loop {
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const leadership = seekLeadership(deps.db, laneLease(lane), holder)
  const blocks = openBeat()
  const unsubscribe = deps.chain.onHead(blocks.note)
  const work = openLaneWork(deps, signer, blocks.dueMs)
  const memory = newReconcileMemory()
  let reconcileAt = 0

  const loop = startLoop(deps, `lane ${lane.address}`, async () => {
    const lease = await leadership.lease()
    if (lease === undefined) return LOOK_MS
    const pause = await work(lease)
    if (performance.now() >= reconcileAt) {
      reconcileAt = performance.now() + RECONCILE_MS
      const { rereadFrom } = await reconcileBatches(deps, signer, memory)
      if (rereadFrom !== undefined) reread(rereadFrom)
    }
    return pause
  })

  return {
    wake: loop.wake,
    stop: async () => {
      unsubscribe()
      await loop.stop()
      await leadership.drop().catch(() => {})
    },
  }
}
