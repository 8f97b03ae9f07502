import type { Queryable } from './db.ts'
import { sql } from './sql.ts'

/** Leadership for a while. The epoch rises with every new holder, so a frozen one can be told from a live one. */
export type Lease = {
  readonly name: string
  readonly holder: string
  readonly epoch: bigint
  /** When it ends at the latest, on this process's steady clock (`performance.now()`). */
  readonly endsAt: number
}

/** Whether the lease cannot have run out yet. A process that was frozen learns here that it may not lead any more. */
export function isLeaseLive(lease: Lease): boolean {
  return performance.now() < lease.endsAt
}

/** Takes or renews a lease for `seconds`. Undefined while another holder has it. Time is the database's. */
export async function takeLease(
  db: Queryable,
  name: string,
  holder: string,
  seconds: number,
): Promise<Lease | undefined> {
  // Counted from before the question, so that it ends here before it ends in the database.
  const endsAt = performance.now() + seconds * 1_000
  const row = await db.one<{ epoch: bigint }>(sql`
    insert into leases as held (name, holder, epoch, expires_at)
    values (${name}, ${holder}, 1, now() + make_interval(secs => ${seconds}))
    on conflict (name) do update set
      holder = excluded.holder,
      epoch = held.epoch + (held.holder <> excluded.holder)::int,
      expires_at = excluded.expires_at
    where held.holder = excluded.holder or held.expires_at < now()
    returning epoch`)
  return row === undefined ? undefined : { name, holder, epoch: row.epoch, endsAt }
}

/** Whether the lease is still this one, read inside the transaction that acts on it; it stays so until commit. */
export async function holdsLease(tx: Queryable, lease: Lease): Promise<boolean> {
  const row = await tx.one(sql`
    select 1 from leases
    where name = ${lease.name} and holder = ${lease.holder} and epoch = ${lease.epoch}
      and expires_at > now()
    for share`)
  return row !== undefined
}

/** Gives a lease back, so that the next holder need not wait for it to run out. */
export async function dropLease(db: Queryable, lease: Lease): Promise<void> {
  await db.many(sql`
    update leases set expires_at = now()
    where name = ${lease.name} and holder = ${lease.holder} and epoch = ${lease.epoch}`)
}

/** The names of all leases that somebody holds now. */
export async function heldLeases(db: Queryable): Promise<ReadonlySet<string>> {
  const rows = await db.many<{ name: string }>(
    sql`select name from leases where expires_at > now()`,
  )
  return new Set(rows.map((row) => row.name))
}
