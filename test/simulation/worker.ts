import { laneLease } from '../../src/domains/settlement/lane-store.ts'
import { openLaneWork } from '../../src/entry/loops/lane-work.ts'
import { seekLeadership } from '../../src/entry/loops/leader.ts'
import { expireInvoices } from '../../src/flows/expire-invoices.ts'
import { observeChain } from '../../src/flows/observe-chain.ts'
import { newReconcileMemory, reconcileBatches } from '../../src/flows/reconcile-batches.ts'
import { Fault } from '../../src/kernel/errors.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { CHAIN_ID } from './chain/port.ts'
import type { WorkerPlan } from './plan.ts'
import type { Process } from './scheduler.ts'
import type { World } from './world.ts'

const STANDBY_MS = 1_000
const RECONCILE_MS = 2_000
const EXPIRE_MS = 3_000
const ERROR_PAUSE_MS = 500
/** A pause that no run outlasts. */
const FOR_EVER = 100_000_000

/** A worker process: the loops of the real one around the real flows, on virtual time. */
export type Worker = { readonly process: Process; wakeLanes(): void }

export function startWorker(world: World, name: string, clocks: WorkerPlan): Worker {
  const process = world.open(name, clocks)
  const deps = world.depsOf(process)
  let missingFrom: bigint | undefined
  const reread = (from: bigint | undefined) => {
    if (from === undefined || !world.switches.rereading) return
    missingFrom = missingFrom === undefined || from < missingFrom ? from : missingFrom
    watcher.wake()
  }

  const watcher = startRounds(world, process, async () => {
    const from = missingFrom
    missingFrom = undefined
    try {
      reread((await observeChain(deps, from))?.rereadFrom)
    } catch (error) {
      reread(from)
      throw error
    }
    return clocks.paceMs
  })
  const lanes = world.lanes.map((signer) =>
    startRounds(world, process, laneRounds(world, signer, process, clocks.paceMs, reread)),
  )
  startRounds(world, process, async () => {
    await expireInvoices(deps)
    return EXPIRE_MS
  })
  return {
    process,
    wakeLanes: () => {
      for (const lane of lanes) lane.wake()
    },
  }
}

/** The rounds of `entry/loops/lane.ts`. */
function laneRounds(
  world: World,
  signer: Signer,
  process: Process,
  paceMs: number,
  reread: (from: bigint | undefined) => void,
): () => Promise<number> {
  const deps = world.depsOf(process)
  const key = laneLease({ chainId: CHAIN_ID, address: signer.address })
  const leadership = seekLeadership(deps.db, key, process.name)
  const work = openLaneWork(deps, signer)
  const memory = newReconcileMemory()
  let reconcileAt = 0
  return async () => {
    const lease = await leadership.lease()
    if (lease === undefined) return STANDBY_MS
    const endsAt = world.switches.leaseEpoch ? lease.endsAt : Number.POSITIVE_INFINITY
    const pause = await work({ ...lease, endsAt })
    if (performance.now() >= reconcileAt) {
      reconcileAt = performance.now() + RECONCILE_MS
      reread((await reconcileBatches(deps, signer, memory)).rereadFrom)
    }
    // An idle lane looks less often than the real one, which makes a run shorter and no different.
    if (pause < 100) return pause
    return world.switches.ownLook || hasBatches(world, signer) ? Math.max(pause, paceMs) : FOR_EVER
  }
}

function hasBatches({ rows }: World, { address }: Signer): boolean {
  return (
    rows.batches.find((one) => one.lane === address && one.status === 'journaled') !== undefined
  )
}

/** `startLoop` on virtual time. */
function startRounds(
  world: World,
  process: Process,
  round: () => Promise<number>,
): { wake(): void } {
  let isAwake = false
  let wakeUp = () => {}
  world.scheduler.start(process, async () => {
    while (!process.isDead) {
      isAwake = false
      const pause = await round().catch((error) => {
        // What is no fault of the outside is one of the engine, or of the simulation.
        if (!(error instanceof Fault)) world.surprises.push(error)
        return ERROR_PAUSE_MS
      })
      const sleep = world.scheduler.sleep(process, isAwake ? 0 : pause)
      wakeUp = sleep.wake
      await sleep.over
    }
  })
  return {
    wake: () => {
      isAwake = true
      wakeUp()
    },
  }
}
