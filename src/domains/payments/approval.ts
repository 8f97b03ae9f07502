import type { Won } from '../../kernel/money.ts'
import { SECOND_MS } from '../../kernel/time.ts'

/** A store's risk limit holds for any span of this length. */
const WINDOW_MS = 3_600 * SECOND_MS

/** Approvals up to this instant no longer count against the limit of their store. */
export function approvalsCountAfter(now: Date): Date {
  return new Date(now.getTime() - WINDOW_MS)
}

/**
 * Whether a store hands over on this payment before a block has it: only while the chain is late, and only as far as
 * what it has at risk, this payment included, stays within its limit. `atRisk` is the sum of the payments approved in
 * the last hour that have not settled; a refused one counts, because the goods are gone.
 */
export function isApproved(sale: {
  readonly isChainLate: boolean
  readonly limit: Won
  readonly atRisk: Won
  readonly amount: Won
}): boolean {
  return sale.isChainLate && sale.atRisk + sale.amount <= sale.limit
}
