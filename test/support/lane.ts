import { openLane } from '../../src/domains/settlement/store.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { type Lease, takeLease } from '../../src/platform/db/leases.ts'
import type { World } from './world.ts'

/** The world's lane, opened and led by the test itself, so that it can go through a settlement step by step. */
export async function leadLane({ deps }: World): Promise<{ signer: Signer; lease: Lease }> {
  const [signer] = deps.signers
  if (signer === undefined) throw new Error('no lane')
  const lease = await takeLease(deps.db, `test ${signer.address}`, 'test', 60)
  if (lease === undefined) throw new Error('no lease')
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  await openLane(deps.db, lane, await deps.chain.nonce(signer.address))
  return { signer, lease }
}
