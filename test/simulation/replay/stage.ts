import { laneLease } from '../../../src/domains/settlement/lane-store.ts'
import { openLaneWork } from '../../../src/entry/loops/lane-work.ts'
import { seekLeadership } from '../../../src/entry/loops/leader.ts'
import type { Deps } from '../../../src/flows/deps.ts'
import { observeChain } from '../../../src/flows/observe-chain.ts'
import { newReconcileMemory, reconcileBatches } from '../../../src/flows/reconcile-batches.ts'
import { Fault } from '../../../src/kernel/errors.ts'
import { Killed, mortal } from './mortal.ts'
import type { Happening, Lie, Round, Snapshot, Step } from './script.ts'

/** Where a script is played: rows in memory and a model, or PostgreSQL and a real EVM. */
export type Stage = {
  readonly deps: Deps
  /** What the node does wrong from now on. */
  lie(lie: Lie | undefined): void
  happen(step: Happening): Promise<void>
  /** Sets every clock forward. */
  wait(milliseconds: number): Promise<void>
  snapshot(): Promise<Snapshot>
}

/** A worker of a script: the real flows, one round at a time. */
type Player = {
  lane(): Promise<void>
  watch(): Promise<void>
  reconcile(): Promise<void>
}

const STEP_MS = 1_100

/** Plays a script and returns the rows after each of its steps. */
export async function play(stage: Stage, steps: readonly Step[]): Promise<Snapshot[]> {
  const players = new Map<number, Player>()
  const lives = new Map<number, number>()
  const end = (worker: number) => {
    players.delete(worker)
    lives.set(worker, (lives.get(worker) ?? 0) + 1)
  }
  const playRound = async ({ does, worker, dies_after: diesAfter }: Round) => {
    const life = mortal(stage.deps)
    const holder = `worker ${worker}.${lives.get(worker) ?? 0}`
    // One that dies in this round begins it as a new process would.
    const player =
      (diesAfter === undefined ? players.get(worker) : undefined) ?? openPlayer(life.deps, holder)
    if (diesAfter !== undefined) life.diesAfter(diesAfter)
    if (await player[does]().then(() => false, isKilled)) end(worker)
    else players.set(worker, player)
  }
  const snapshots: Snapshot[] = []
  for (const step of steps) {
    await stage.wait(step.does === 'wait' ? step.seconds * 1_000 : STEP_MS)
    if (step.does === 'crash') end(step.worker)
    else if (isRound(step)) await playRound(step)
    else if (step.does !== 'wait') await stage.happen(step)
    snapshots.push(await stage.snapshot())
  }
  return snapshots
}

function isRound(step: Step): step is Round {
  return step.does === 'lane' || step.does === 'watch' || step.does === 'reconcile'
}

/** Whether the worker is dead. A round that failed is tried again, as in a real loop. */
function isKilled(error: unknown): boolean {
  if (error instanceof Killed) return true
  if (error instanceof Fault) return false
  throw error
}

function openPlayer(deps: Deps, holder: string): Player {
  const [signer] = deps.signers
  if (signer === undefined) throw new Error('no lane')
  const lane = { chainId: deps.chain.chainId, address: signer.address }
  const leadership = seekLeadership(deps.db, laneLease(lane), holder)
  const work = openLaneWork(deps, signer)
  const memory = newReconcileMemory()
  let missingFrom: bigint | undefined
  return {
    lane: async () => {
      const lease = await leadership.lease()
      if (lease !== undefined) await work(lease)
    },
    watch: async () => {
      const from = missingFrom
      missingFrom = undefined
      missingFrom = (await observeChain(deps, from))?.rereadFrom
    },
    reconcile: async () => {
      const { rereadFrom } = await reconcileBatches(deps, signer, memory)
      missingFrom = rereadFrom ?? missingFrom
    },
  }
}
