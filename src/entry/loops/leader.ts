import type { Db } from '../../platform/db/db.ts'
import { dropLease, type Lease, takeLease } from '../../platform/db/leases.ts'

/** How long the lanes of a killed process stand still. Being overtaken costs a slow one nothing. */
const LEASE_SECONDS = 3
const RENEW_MS = 1_000

/** This process's hold on a role that one process has at a time. */
export type Leadership = {
  /** The lease while it is ours, renewed in time; undefined while another process leads. */
  lease(): Promise<Lease | undefined>
  drop(): Promise<void>
}

export function seekLeadership(db: Db, role: string, holder: string): Leadership {
  let held: { readonly lease: Lease; readonly renewAt: number } | undefined
  return {
    lease: async () => {
      const now = performance.now()
      if (held !== undefined && now < held.renewAt) return held.lease
      const lease = await takeLease(db, role, holder, LEASE_SECONDS)
      held = lease === undefined ? undefined : { lease, renewAt: now + RENEW_MS }
      return lease
    },
    drop: async () => {
      if (held !== undefined) await dropLease(db, held.lease)
      held = undefined
    },
  }
}
