import { waitingSummary } from '../domains/payments/store.ts'
import { MAX_BATCH_PAYMENTS } from '../domains/settlement/batch.ts'
import type { LaneFacts, LaneView, Sent } from '../domains/settlement/lane-plan.ts'
import { nextNonce, readShare, type Share } from '../domains/settlement/lane-store.ts'
import { hasMined, listInFlight } from '../domains/settlement/store.ts'
import type { Hex } from '../kernel/hex.ts'
import type { Signer } from '../kernel/signer.ts'
import type { Deps } from './deps.ts'

/** What a node says about a lane's account, and the lane's share of what waits. */
export async function askAboutLane(
  deps: Pick<Deps, 'db' | 'chain'>,
  signer: Signer,
): Promise<{ readonly facts: LaneFacts; readonly share: Share }> {
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const [head, spent, gasMoney] = await Promise.all([
    deps.chain.head(),
    deps.chain.nonce(lane.address),
    deps.chain.balance(lane.address),
  ])
  const share = await readShare(deps.db, lane)
  const { number, baseFeePerGas } = head
  return { facts: { spent, head: number, baseFeePerGas, gasMoney }, share }
}

/** What this process remembers about its lane between two looks. Losing it costs a rebroadcast. */
export type LaneMemory = {
  readonly sent: ReadonlyMap<Hex, Sent>
  readonly doubtSince: number | undefined
  readonly blockDueMs?: number | undefined
}

/** Everything that the plan of a lane is made from. */
export async function viewLane(
  deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'limits'>,
  signer: Signer,
  known: { readonly facts: LaneFacts; readonly share: Share; readonly memory: LaneMemory },
): Promise<LaneView> {
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const { facts, share, memory } = known
  const inFlight = await listInFlight(deps.db, lane)
  const next = (await nextNonce(deps.db, lane)) ?? facts.spent
  const { waiting, oldest } = await waitingSummary(deps.db, lane.chainId, share, MAX_BATCH_PAYMENTS)
  const isBehind = facts.spent < next && !inFlight.some((one) => one.nonce === facts.spent)
  return {
    ...memory,
    now: performance.now(),
    facts,
    nextNonce: next,
    inFlight,
    hasLost: isBehind && (await hasMined(deps.db, lane, facts.spent)),
    waiting,
    oldestWaitedMs: oldest ? deps.clock.now().getTime() - oldest.getTime() : 0,
    window: deps.limits.laneWindow,
    feeCeiling: deps.limits.maxFeePerGas,
  }
}
