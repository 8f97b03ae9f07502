import { listDueEndpoints } from '../../domains/webhooks/store.ts'
import type { Senders } from '../../flows/deliver-webhooks.ts'
import type { Deps } from '../../flows/deps.ts'
import { expireInvoices } from '../../flows/expire-invoices.ts'
import { observeChain } from '../../flows/observe-chain.ts'
import { openChainWatch } from '../../flows/watch-chain.ts'
import { SECOND_MS, secondsAfter } from '../../kernel/time.ts'
import { type Loop, startLoop } from './loop.ts'

/** A block comes every second; its logs are read within this much of it. */
const WATCH_MS = 100
/** While a subscription tells of the blocks, asking is only for those that it missed. */
const WATCH_TOLD_MS = 1_000
/** A subscription that told of a block this lately is alive. */
const TOLD_MS = 2_500
const EXPIRE_MS = 500
const SWEEP_MS = 1_000
const SWEEP_LIMIT = 32
/** A fresh delivery has a job; the sweep is for those that are late. */
const LATE_SECONDS = 2

/** A watcher, and a way to tell it that logs are missing from a block on. */
export type Watcher = Loop & { reread(from: bigint): void }

/**
 * Reads the chain: at each new block that a subscription tells of, otherwise by asking. Every worker may: what it
 * writes, it writes once.
 */
export function startWatcher(deps: Deps): Watcher {
  let missingFrom: bigint | undefined
  let toldAt = Number.NEGATIVE_INFINITY
  const loop = startLoop(deps, 'watcher', async () => {
    const from = missingFrom
    missingFrom = undefined
    try {
      // What is new comes first: no reading again makes a sale wait.
      await observeChain(deps)
      if (from !== undefined) {
        const observed = await observeChain(deps, from)
        missingFrom = earlier(missingFrom, observed === undefined ? from : observed.rereadFrom)
      }
    } catch (error) {
      missingFrom = earlier(missingFrom, from)
      throw error
    }
    if (missingFrom !== undefined) return WATCH_MS
    return performance.now() - toldAt < TOLD_MS ? WATCH_TOLD_MS : WATCH_MS
  })
  const unsubscribe = deps.chain.onHead(() => {
    toldAt = performance.now()
    loop.wake()
  })
  return {
    wake: loop.wake,
    reread: (from) => {
      missingFrom = earlier(missingFrom, from)
      loop.wake()
    },
    stop: () => {
      unsubscribe()
      return loop.stop()
    },
  }
}

function earlier(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a < b ? a : b
}

/** Tells the operator, by lines in the log, when the chain falls behind, stands still and goes on. */
export function startChainWatch(deps: Deps): Loop {
  const watch = openChainWatch(deps)
  return startLoop(deps, 'chain watch', async () => {
    await watch.state()
    return SECOND_MS
  })
}

export function startExpiry(deps: Deps): Loop {
  return startLoop(deps, 'expiry', async () => {
    return (await expireInvoices(deps)) > 0 ? 0 : EXPIRE_MS
  })
}

/** Has what is due and late sent: retries, and deliveries whose job or sender was lost. No endpoint waits for another. */
export function startWebhookSweep(deps: Deps, senders: Senders): Loop {
  return startLoop(deps, 'webhook sweep', async () => {
    const late = secondsAfter(deps.clock.now(), -LATE_SECONDS)
    // So many more in each round, however many are under way: those that hang keep no others out.
    for (const endpointId of await listDueEndpoints(deps.db, late, senders.busy(), SWEEP_LIMIT))
      void senders.send(endpointId)
    return SWEEP_MS
  })
}
