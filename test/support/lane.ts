import type { InFlight } from '../../src/domains/settlement/batch.ts'
import { firstFee } from '../../src/domains/settlement/fee.ts'
import { laneLease, nextNonce, openLane } from '../../src/domains/settlement/lane-store.ts'
import { listInFlight } from '../../src/domains/settlement/store.ts'
import { broadcastBatches } from '../../src/flows/broadcast-batches.ts'
import { journalBatch } from '../../src/flows/journal-batch.ts'
import { newReconcileMemory, reconcileBatches } from '../../src/flows/reconcile-batches.ts'
import { askAboutLane } from '../../src/flows/view-lane.ts'
import { openAside } from '../../src/kernel/aside.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { dropLease, type Lease, takeLease } from '../../src/platform/db/leases.ts'
import type { World } from './world.ts'

/** The world's lane, led by a test that goes through a settlement step by step. */
export type LedLane = {
  readonly signer: Signer
  readonly lease: Lease
  inFlight(): Promise<readonly InFlight[]>
  journal(): ReturnType<typeof journalBatch>
  /** Sends all that is in flight. */
  send(): ReturnType<typeof broadcastBatches>
  reconcile(): ReturnType<typeof reconcileBatches>
  drop(): Promise<void>
}

/** Leads the world's first lane as a worker would, for a minute. */
export async function leadLane({ deps }: World, holder = 'test'): Promise<LedLane> {
  const [signer] = deps.signers
  if (signer === undefined) throw new Error('no lane')
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const lease = await takeLease(deps.db, laneLease(lane), holder, 60)
  if (lease === undefined) throw new Error('the lane is led by another')
  await openLane(deps.db, lane, await deps.chain.nonce(signer.address))
  const memory = newReconcileMemory()
  const inFlight = () => listInFlight(deps.db, lane)
  return {
    ...{ signer, lease, inFlight },
    journal: async () => {
      const { facts, share } = await askAboutLane(deps, signer)
      return journalBatch(deps, signer, lease, {
        share,
        aside: openAside(0),
        head: facts.head,
        nonce: (await nextNonce(deps.db, lane)) ?? facts.spent,
        maxFeePerGas: firstFee(facts.baseFeePerGas, deps.limits.maxFeePerGas) ?? 0n,
        freeGasMoney: facts.gasMoney,
      })
    },
    send: async () => broadcastBatches(deps, lease, await inFlight()),
    reconcile: () => reconcileBatches(deps, signer, memory),
    drop: () => dropLease(deps.db, lease),
  }
}
