import type { Hex } from '../../kernel/hex.ts'
import { settleBatchGasLimit } from '../../platform/chain/batch-limits.ts'
import { gatherDelayMs, type InFlight } from './batch.ts'
import { firstFee, higherFee } from './fee.ts'

/** The stored bytes are sent again until their block comes. */
export const REBROADCAST_MS = 3_000
/** A transaction that is next and in no block after so many has too low a fee for somebody. */
const STUCK_BLOCKS = 10n
/** A nonce that chain and journal disagree about must look so for this long before anything is done about it. */
export const DOUBT_MS = 10_000
/** Who leads looks by itself this often: the job that says so may have gone to another process, or been lost. */
const LOOK_MS = 100
/** A lane that can pay for fewer lone payments than this is low. */
export const LOW_PAYMENTS = 100n

/** What a node said about a lane, in the last second or so. */
export type LaneFacts = {
  /** Transactions of the account in blocks, so the next nonce that a block takes. */
  readonly spent: bigint
  readonly head: bigint
  readonly baseFeePerGas: bigint
  /** Wei (kei on Kaia). */
  readonly gasMoney: bigint
}

/** When this process sent an attempt, and what the node said. Only manners: losing it costs one rebroadcast. */
export type Sent = {
  readonly at: number
  readonly firstHead: bigint
  readonly answer: string
}

export type LaneView = {
  /** Milliseconds of any steady clock. */
  readonly now: number
  readonly facts: LaneFacts
  readonly nextNonce: bigint
  /** Lowest nonce first. */
  readonly inFlight: readonly InFlight[]
  /** Whether the journal has a mined transaction under `facts.spent`: the node has lost it, and what came after. */
  readonly hasLost: boolean
  readonly sent: ReadonlyMap<Hex, Sent>
  /** Since when the same nonce is in doubt. */
  readonly doubtSince: number | undefined
  readonly waiting: number
  readonly oldestWaitedMs: number
  /** When the next block is due, where that is known. */
  readonly blockDueMs?: number | undefined
  readonly window: number
  /** The highest fee per gas that the operator pays. */
  readonly feeCeiling: bigint
}

export type LaneAction =
  | { readonly kind: 'send'; readonly batch: InFlight }
  | { readonly kind: 'bump'; readonly batch: InFlight; readonly maxFeePerGas: bigint }
  /** Tell a node that is behind what it has lost. */
  | { readonly kind: 'remind'; readonly from: bigint }
  /** The journal has nothing under the nonce that the chain waits for: use it up. */
  | { readonly kind: 'fill'; readonly nonce: bigint; readonly maxFeePerGas: bigint }
  /** Someone used the key elsewhere: count on from there. */
  | { readonly kind: 'advance'; readonly from: bigint; readonly to: bigint }
  | { readonly kind: 'gather'; readonly maxFeePerGas: bigint; readonly freeGasMoney: bigint }

export type LanePlan = {
  readonly actions: readonly LaneAction[]
  readonly waitMs: number
  /** Whether the account cannot pay for another batch, and whether that is near. */
  readonly gas: 'enough' | 'low' | 'dry'
  /** The chain asks a fee above the ceiling. */
  readonly isTooDear: boolean
}

/** Which nonce chain and journal disagree about: one that a node waits for and nobody wrote, or one used elsewhere. */
export function doubtfulNonce(
  view: Pick<LaneView, 'facts' | 'nextNonce' | 'inFlight' | 'hasLost'>,
): bigint | undefined {
  const { spent } = view.facts
  if (spent > view.nextNonce) return spent
  const isWritten = view.hasLost || view.inFlight.some((one) => one.nonce === spent)
  return spent < view.nextNonce && !isWritten ? spent : undefined
}

/** What a lane does next, from its rows and what a node last said. Nothing here is evidence about a payment. */
export function planLane(view: LaneView): LanePlan {
  const { facts, inFlight, feeCeiling } = view
  const fee = firstFee(facts.baseFeePerGas, feeCeiling)
  const reserved = inFlight.reduce((sum, one) => sum + one.gas * one.maxFeePerGas, 0n)
  const freeGasMoney = facts.gasMoney - reserved
  const loneCost = settleBatchGasLimit(1, 1) * (fee ?? feeCeiling)
  const gas =
    freeGasMoney < loneCost ? 'dry' : freeGasMoney < loneCost * LOW_PAYMENTS ? 'low' : 'enough'
  const unspent = inFlight.filter((one) => one.nonce >= facts.spent)
  const actions: LaneAction[] = unspent.flatMap((one) => sendOrBump(view, one))
  if (view.hasLost) actions.push({ kind: 'remind', from: facts.spent })
  const doubtful = doubtfulNonce(view)
  if (doubtful !== undefined) actions.push(...settleDoubt(view, doubtful, fee))

  const delay = gatherDelayMs({
    inFlight: inFlight.length,
    window: view.window,
    waiting: view.waiting,
    oldestWaitedMs: view.oldestWaitedMs,
    blockDueMs: view.blockDueMs,
  })
  const mayGather = doubtful === undefined && fee !== undefined && gas !== 'dry'
  if (delay === 0 && mayGather) actions.push({ kind: 'gather', maxFeePerGas: fee, freeGasMoney })
  return {
    actions,
    waitMs: Math.min(LOOK_MS, delay === undefined || delay === 0 ? LOOK_MS : delay),
    gas,
    isTooDear: fee === undefined,
  }
}

function sendOrBump(view: LaneView, one: InFlight): LaneAction[] {
  const sent = view.sent.get(one.txHash)
  const { facts } = view
  const isTooLow = one.maxFeePerGas < facts.baseFeePerGas || sent?.answer === 'fee_too_low'
  const isStuck =
    one.nonce === facts.spent && sent !== undefined && facts.head - sent.firstHead >= STUCK_BLOCKS
  const maxFeePerGas =
    isTooLow || isStuck
      ? higherFee(one.maxFeePerGas, facts.baseFeePerGas, view.feeCeiling)
      : undefined
  if (maxFeePerGas !== undefined) return [{ kind: 'bump', batch: one, maxFeePerGas }]
  const isDue = sent === undefined || view.now - sent.at >= REBROADCAST_MS
  return isDue ? [{ kind: 'send', batch: one }] : []
}

function settleDoubt(view: LaneView, nonce: bigint, fee: bigint | undefined): LaneAction[] {
  if (view.doubtSince === undefined || view.now - view.doubtSince < DOUBT_MS) return []
  if (nonce > view.nextNonce) return [{ kind: 'advance', from: view.nextNonce, to: nonce }]
  return fee === undefined ? [] : [{ kind: 'fill', nonce, maxFeePerGas: fee }]
}
