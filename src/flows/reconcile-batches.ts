import { isNonceFree } from '../domains/payments/nonce.ts'
import type { Payment } from '../domains/payments/payment.ts'
import { detachFromBatch, holdPayments, listRiders } from '../domains/payments/store.ts'
import type { InFlight } from '../domains/settlement/batch.ts'
import { readCursor, settlementStream } from '../domains/settlement/chain-store.ts'
import { nextSpentStep, type SpentEvidence } from '../domains/settlement/spent.ts'
import {
  closeEmpty,
  closeFailed,
  firstStragglerBlock,
  hashesOfBatch,
  listInFlight,
} from '../domains/settlement/store.ts'
import type { Hex } from '../kernel/hex.ts'
import type { BatchId } from '../kernel/ids.ts'
import type { Signer } from '../kernel/signer.ts'
import type { SettlementEvent } from '../platform/chain/logs.ts'
import type { Deps } from './deps.ts'

/** Blocks that one round reads whole in search of who took a nonce. */
const BLOCKS_A_ROUND = 64
/** A node may be late with a receipt; only then are blocks read whole. */
const PATIENCE_MS = 10_000
/** Logs of payments that are held for a person are looked for this often. */
const HELD_MS = 30_000

/** What this process has found out over several rounds. Losing it costs the same questions again. */
export type ReconcileMemory = {
  readonly reread: Set<BatchId>
  /** Up to which block the search for who took a batch's nonce has come. */
  readonly searchedTo: Map<BatchId, bigint>
  /** Since when its nonce has been spent, on this process's steady clock. */
  readonly spentSince: Map<BatchId, number>
  heldAt: number
}

export function newReconcileMemory(): ReconcileMemory {
  return { reread: new Set(), searchedTo: new Map(), spentSince: new Map(), heldAt: 0 }
}

type Needs = Pick<Deps, 'db' | 'chain' | 'log' | 'meter'>

/**
 * Looks into batches of a lane whose nonce a block has taken although none of their logs was read, and into mined ones
 * some of whose payments still settle. Returns how many batches it proved failed, whose payments ride again, and from
 * which block on the logs must be read once more.
 */
export async function reconcileBatches(
  deps: Needs,
  signer: Signer,
  memory: ReconcileMemory,
): Promise<{ readonly failed: number; readonly rereadFrom: bigint | undefined }> {
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const inFlight = await listInFlight(deps.db, lane)
  const straggler = await firstStragglerBlock(deps.db, lane, isTimeFor(memory))
  forgetOthers(memory, new Set(inFlight.map((one) => one.batchId)))
  if (inFlight.length === 0) return { failed: 0, rereadFrom: straggler }
  const spent = await deps.chain.nonce(lane.address)
  const cursor = await readCursor(deps.db, settlementStream(deps.chain))
  let failed = 0
  let rereadFrom = straggler
  for (const batch of inFlight.filter((one) => one.nonce < spent)) {
    if (cursor === undefined) break
    const found = await investigate(deps, signer.address, batch, cursor.blockNumber, memory)
    const { step } = found
    if (step.kind === 'close') await closeEmpty(deps.db, batch.batchId, cursor.blockNumber)
    if (step.kind === 'failed' && (await rideAgain(deps, batch, step.blockNumber, found.used)))
      failed++
    if (step.kind === 'reread') {
      memory.reread.add(batch.batchId)
      if (rereadFrom === undefined || step.from < rereadFrom) rereadFrom = step.from
      deps.log.warn('logs of a batch were not read; reading again', { ...batch, from: step.from })
    }
  }
  return { failed, rereadFrom }
}

/** Whether held payments get another look: their logs may have been hidden for long. */
function isTimeFor(memory: ReconcileMemory): boolean {
  if (performance.now() < memory.heldAt) return false
  memory.heldAt = performance.now() + HELD_MS
  return true
}

function forgetOthers(memory: ReconcileMemory, known: ReadonlySet<BatchId>): void {
  for (const kept of [memory.reread, memory.searchedTo, memory.spentSince])
    for (const id of kept.keys()) if (!known.has(id)) kept.delete(id)
}

/**
 * Sets the payments of a failed batch waiting again. One whose authorisation is used although no log says so is held: it
 * may have settled unseen.
 */
async function rideAgain(
  deps: Needs,
  batch: InFlight,
  blockNumber: bigint,
  used: readonly Payment[],
): Promise<boolean> {
  const { batchId, nonce } = batch
  const held = used.map(({ id }) => ({ id, reason: 'used_without_log' }))
  const isClosed = await deps.db.transaction(async (tx) => {
    if (!(await closeFailed(tx, batchId, blockNumber))) return false
    if (held.length > 0) await holdPayments(tx, held)
    await detachFromBatch(tx, batchId)
    tx.onCommit(() => deps.meter.batchFailed())
    tx.onCommit(() => deps.meter.held(held.length))
    return true
  })
  if (isClosed)
    deps.log.error(
      'a block took the nonce of a batch without a log of it; its payments ride again',
      {
        ...{ batchId, nonce, blockNumber },
      },
    )
  return isClosed
}

/** Asks what the evidence needs, one question after another, until it comes to something. */
async function investigate(
  deps: Needs,
  lane: Hex,
  batch: InFlight,
  cursor: bigint,
  memory: ReconcileMemory,
) {
  const hashes = await hashesOfBatch(deps.db, batch.batchId)
  const riders = await listRiders(deps.db, batch.batchId)
  let evidence: SpentEvidence = {
    riders: riders.length,
    journaledAtBlock: batch.journaledAtBlock,
    cursor,
    isOld: hasBeenSpentFor(memory, batch.batchId) > PATIENCE_MS,
    isReread: memory.reread.has(batch.batchId),
  }
  let used: readonly Payment[] = []
  for (;;) {
    const step = nextSpentStep(evidence)
    if (step.kind === 'ask_receipts')
      evidence = { ...evidence, receipt: await anyReceipt(deps, hashes) }
    else if (step.kind === 'ask_blocks')
      evidence = { ...evidence, taker: await takerOf(deps, lane, batch, hashes, step, memory) }
    else if (step.kind === 'ask_logs')
      evidence = {
        ...evidence,
        ...(await lookAtBlock(deps, lane, batch, hashes, step.blockNumber)),
      }
    else if (step.kind === 'ask_authorisations') {
      used = await usedOf(deps, riders)
      evidence = { ...evidence, used: used.length }
    } else return { step, used }
  }
}

/** The payments whose authorisation the chain counts as used. */
async function usedOf(deps: Needs, riders: readonly Payment[]): Promise<readonly Payment[]> {
  const accounts = await Promise.all(riders.map(({ payer }) => deps.chain.account(payer)))
  return riders.filter(({ nonce }, index) => {
    const window = accounts[index]?.window
    return window !== undefined && !isNonceFree(window, BigInt(nonce))
  })
}

function hasBeenSpentFor({ spentSince }: ReconcileMemory, id: BatchId): number {
  const now = performance.now()
  const since = spentSince.get(id) ?? now
  spentSince.set(id, since)
  return now - since
}

/** A receipt of any attempt, rather one of success. */
async function anyReceipt(deps: Needs, hashes: readonly Hex[]) {
  let found: NonNullable<SpentEvidence['receipt']> = 'none'
  for (const txHash of hashes) {
    const receipt = await deps.chain.receipt(txHash)
    if (receipt === undefined) continue
    found = { ...receipt, txHash }
    if (receipt.succeeded) break
  }
  return found
}

/** Reads blocks whole, oldest first and a few a round, for the transaction that has the batch's nonce. */
async function takerOf(
  deps: Needs,
  lane: Hex,
  batch: InFlight,
  hashes: readonly Hex[],
  range: { readonly from: bigint; readonly to: bigint },
  memory: ReconcileMemory,
): Promise<NonNullable<SpentEvidence['taker']>> {
  const isSearch = range.to > range.from
  const done = isSearch ? memory.searchedTo.get(batch.batchId) : undefined
  const from = done === undefined || done < range.from ? range.from : done
  for (let block = from, read = 0; block <= range.to && read < BLOCKS_A_ROUND; block++, read++) {
    const taken = (await deps.chain.transactionsOf(block)).find(
      (one) => one.from === lane && one.nonce === batch.nonce,
    )
    if (taken !== undefined) return { blockNumber: block, isOurs: hashes.includes(taken.txHash) }
    if (isSearch) memory.searchedTo.set(batch.batchId, block)
  }
  return 'nobody'
}

/**
 * Logs of these transactions in one block, from a node and, where there is another, from that one too, and whether that
 * one shows the same taker of the nonce.
 */
async function lookAtBlock(
  { chain }: Needs,
  lane: Hex,
  { nonce }: InFlight,
  hashes: readonly Hex[],
  blockNumber: bigint,
): Promise<{ readonly logs: number; readonly isShared: boolean }> {
  const ours = (logs: readonly SettlementEvent[]) =>
    logs.filter((log) => hashes.includes(log.txHash as Hex)).length
  const first = await chain.settlements(blockNumber, blockNumber)
  if (chain.nodes().length < 2) return { logs: ours(first.logs), isShared: true }
  const second = await chain.settlements(blockNumber, blockNumber, first.node)
  const taken = await chain.transactionsOf(blockNumber, first.node)
  return {
    logs: ours(first.logs) + ours(second.logs),
    isShared: taken.some((one) => one.from === lane && one.nonce === nonce),
  }
}
