import { listDueDeliveries } from '../../domains/webhooks/store.ts'
import { deliverWebhook } from '../../flows/deliver-webhook.ts'
import type { Deps } from '../../flows/deps.ts'
import { expireInvoices } from '../../flows/expire-invoices.ts'
import { observeChain } from '../../flows/observe-chain.ts'
import { secondsAfter } from '../../kernel/time.ts'
import { type Loop, startLoop } from './loop.ts'

/** A block comes every second; its logs are read within this much of it. */
const WATCH_MS = 100
const EXPIRE_MS = 500
const SWEEP_MS = 1_000
const SWEEP_LIMIT = 32
/** A fresh delivery has a job of its own; the sweep is for those that are late. */
const LATE_SECONDS = 2

/** Reads the chain. Every worker may: what it writes, it writes once. */
export function startWatcher(deps: Deps): Loop {
  return startLoop(deps.log, 'watcher', async () => {
    await observeChain(deps)
    return WATCH_MS
  })
}

export function startExpiry(deps: Deps): Loop {
  return startLoop(deps.log, 'expiry', async () => {
    return (await expireInvoices(deps)) > 0 ? 0 : EXPIRE_MS
  })
}

/** Sends what is due and late: retries, and deliveries whose job or sender was lost. */
export function startWebhookSweep(deps: Deps): Loop {
  return startLoop(deps.log, 'webhook sweep', async () => {
    const late = secondsAfter(deps.clock.now(), -LATE_SECONDS)
    const due = await listDueDeliveries(deps.db, late, SWEEP_LIMIT)
    await Promise.all(due.map((key) => deliverWebhook(deps, key)))
    return due.length === SWEEP_LIMIT ? 0 : SWEEP_MS
  })
}
