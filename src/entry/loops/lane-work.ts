import type { InFlight } from '../../domains/settlement/batch.ts'
import {
  doubtfulNonce,
  type LaneAction,
  type LaneFacts,
  type LanePlan,
  type LaneView,
  planLane,
  type Sent,
} from '../../domains/settlement/lane-plan.ts'
import { noteGas, openLane, type Share } from '../../domains/settlement/lane-store.ts'
import { broadcastBatches } from '../../flows/broadcast-batches.ts'
import { bumpFee } from '../../flows/bump-fee.ts'
import type { Deps } from '../../flows/deps.ts'
import { healRollback } from '../../flows/heal-rollback.ts'
import { journalBatch } from '../../flows/journal-batch.ts'
import { countOn, fillGap } from '../../flows/mend-nonces.ts'
import { askAboutLane, viewLane } from '../../flows/view-lane.ts'
import { openAside } from '../../kernel/aside.ts'
import type { Hex } from '../../kernel/hex.ts'
import type { PaymentId } from '../../kernel/ids.ts'
import type { Signer } from '../../kernel/signer.ts'
import type { Lease } from '../../platform/db/leases.ts'

/** What a node says about a lane is asked for this often. */
const FACTS_MS = 1_000
/** A node that has been behind for so long is told, and told again; one that a block overtook just now is not. */
const REMIND_MS = 3_000
/** A token that refuses is asked again this often. */
const REFUSED_MS = 1_000
/** Payments that the token refuses by themselves are tried again this often. */
const ASIDE_MS = 5_000
/** Another lane took some of the same payments: they are not there at the next look. */
const SHARED_MS = 10

type Known = { readonly facts: LaneFacts; readonly share: Share; readonly until: number }

/**
 * One round of a lane's work: looks, plans, acts. Returns in how many milliseconds it wants the next. `blockDueMs` says
 * when the next block is due, where somebody knows.
 */
export function openLaneWork(
  deps: Deps,
  signer: Signer,
  blockDueMs: () => number | undefined = () => undefined,
): (lease: Lease) => Promise<number> {
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const sent = new Map<Hex, Sent>()
  const aside = openAside<PaymentId>(ASIDE_MS)
  let known: Known | undefined
  let doubt: { readonly nonce: bigint; readonly since: number } | undefined
  let lost: { readonly from: bigint; at: number } | undefined
  let gas: LanePlan['gas'] | undefined
  let isTooDear = false

  const look = async (): Promise<Known> => {
    if (known !== undefined && performance.now() < known.until) return known
    const asked = await askAboutLane(deps, signer)
    if (known === undefined) await openLane(deps.db, lane, asked.facts.spent)
    known = { ...asked, until: performance.now() + FACTS_MS }
    return known
  }

  const send = async (lease: Lease, view: LaneView, actions: readonly LaneAction[]) => {
    const batches: InFlight[] = []
    for (const action of actions) {
      if (action.kind === 'send') batches.push(action.batch)
      if (action.kind !== 'bump') continue
      const bumped = await bumpFee(deps, signer, lease, action.batch, action.maxFeePerGas)
      if (bumped !== undefined) batches.push(bumped)
    }
    for (const { batch, answer } of await broadcastBatches(deps, lease, batches, (txHash) =>
      sent.has(txHash),
    )) {
      const firstHead = sent.get(batch.txHash)?.firstHead ?? view.facts.head
      sent.set(batch.txHash, { at: view.now, firstHead, answer })
    }
  }

  const note = async (view: LaneView, plan: LanePlan) => {
    const nonce = doubtfulNonce(view)
    if (nonce === undefined) doubt = undefined
    else if (doubt?.nonce !== nonce) doubt = { nonce, since: view.now }
    const live = new Set(view.inFlight.map((one) => one.txHash))
    for (const hash of sent.keys()) if (!live.has(hash)) sent.delete(hash)
    if (plan.isTooDear && !isTooDear)
      deps.log.error('the chain asks a higher fee than MAX_FEE_PER_GAS_GKEI; payments wait', {
        ...lane,
        baseFeePerGas: view.facts.baseFeePerGas,
      })
    isTooDear = plan.isTooDear
    if (plan.gas === gas) return
    const words = { ...lane, gasMoney: view.facts.gasMoney }
    if (plan.gas === 'low') deps.log.warn('a lane has little left for gas: top it up', words)
    if (plan.gas === 'dry')
      deps.log.error('a lane has no money for gas: others take its payments; top it up', words)
    await noteGas(deps.db, lane, plan.gas === 'dry')
    gas = plan.gas
  }

  return async (lease) => {
    const { facts, share } = await look()
    const memory = { sent, doubtSince: doubt?.since, blockDueMs: blockDueMs() }
    const view = await viewLane(deps, signer, { facts, share, memory })
    const plan = planLane(view)
    await note(view, plan)
    await send(lease, view, plan.actions)
    let waitMs = plan.waitMs
    for (const action of plan.actions) {
      if (action.kind === 'remind') {
        if (lost?.from !== action.from) lost = { from: action.from, at: view.now }
        if (view.now - lost.at < REMIND_MS) continue
        lost.at = view.now
        await healRollback(deps, signer, lease, action.from)
      }
      if (action.kind === 'fill')
        await fillGap(deps, signer, lease, { ...action, head: facts.head })
      if (action.kind === 'advance') await countOn(deps, signer, lease, action)
      if (action.kind === 'gather') {
        const means = { ...action, nonce: view.nextNonce, head: facts.head, share, aside }
        const journal = () => journalBatch(deps, signer, lease, means)
        const batch = await deps.tracer.span('journal batch', {}, journal)
        // What was just written is sent in the next round, which comes at once.
        waitMs = batch === 'overtaken' ? SHARED_MS : batch === undefined ? REFUSED_MS : 0
      }
    }
    return waitMs
  }
}
