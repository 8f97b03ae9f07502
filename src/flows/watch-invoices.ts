import { changedInvoices } from '../domains/invoices/store.ts'
import type { InvoiceId } from '../kernel/ids.ts'
import type { Deps } from './deps.ts'

const LOOK_MS = 100

/** Waits for invoices to change. Many waiters cost one small query every tenth of a second; none cost nothing. */
export type InvoiceWatch = {
  /** Resolves when the invoice has a newer version, when the time is over, or when the caller gives up. */
  change(id: InvoiceId, version: number, milliseconds: number, signal: AbortSignal): Promise<void>
  /** Wakes everybody and lets nobody wait any more: this process ends, and another one will answer. */
  end(): void
}

type Waiter = { readonly id: InvoiceId; readonly version: number; readonly wake: () => void }

/** Looks at the rows, so that any process can answer for what another one did. */
export function openInvoiceWatch(deps: Pick<Deps, 'db' | 'log'>): InvoiceWatch {
  const waiters = new Set<Waiter>()
  let isLooking = false
  let hasEnded = false

  const look = async () => {
    const changed = new Set(await changedInvoices(deps.db, [...waiters]))
    for (const waiter of waiters) if (changed.has(waiter.id)) waiter.wake()
  }
  const schedule = () => {
    if (isLooking) return
    isLooking = true
    setTimeout(() => {
      look()
        .catch((error) => deps.log.warn('could not look at waiting invoices', { err: error }))
        .finally(() => {
          isLooking = false
          if (waiters.size > 0) schedule()
        })
    }, LOOK_MS)
  }

  return {
    change: (id, version, milliseconds, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          clearTimeout(deadline)
          signal.removeEventListener('abort', wake)
          waiters.delete(waiter)
          resolve()
        }
        const waiter: Waiter = { id, version, wake }
        const deadline = setTimeout(wake, milliseconds)
        signal.addEventListener('abort', wake)
        waiters.add(waiter)
        schedule()
        if (signal.aborted || hasEnded) wake()
      }),
    end: () => {
      hasEnded = true
      for (const waiter of waiters) waiter.wake()
    },
  }
}
