import type { Job } from '../../kernel/job.ts'
import type { Queryable, Row } from './db.ts'
import { sql } from './sql.ts'

/** A recorded wish to run a job. `sweep` counts its hand-overs: a queue drops a second job under one id. */
export type OutboxRow = {
  readonly id: bigint
  readonly job: string
  readonly payload: unknown
  readonly sweep: number
}

const LEASE_SECONDS = 10

/** Records jobs in the caller's transaction: they are sent if, and only if, that transaction commits. */
export async function enqueue<Payload>(
  tx: Queryable,
  job: Job<Payload>,
  payloads: readonly Payload[],
): Promise<void> {
  if (payloads.length === 0) return
  const texts = payloads.map((payload) => JSON.stringify(payload))
  await tx.many(sql`
    insert into outbox (job, payload)
    select ${job.name}, payload::jsonb from unnest(${texts}::text[]) as added (payload)`)
}

/** Takes up to `limit` rows for a few seconds. A taker that dies loses them to the next one. */
export async function claimOutbox(db: Queryable, limit: number): Promise<readonly OutboxRow[]> {
  return db.many<OutboxRow & Row>(sql`
    update outbox set lease_until = now() + make_interval(secs => ${LEASE_SECONDS}), sweep = sweep + 1
    where id in (
      select id from outbox where lease_until is null or lease_until < now()
      order by id limit ${limit} for update skip locked)
    returning id, job, payload, sweep`)
}

/** Forgets rows that the queue has taken. */
export async function forgetOutbox(db: Queryable, rows: readonly OutboxRow[]): Promise<void> {
  if (rows.length === 0) return
  await db.many(sql`delete from outbox where id = any(${rows.map((row) => row.id)})`)
}

/** Hands rows back at once when the queue refused them. */
export async function releaseOutbox(db: Queryable, rows: readonly OutboxRow[]): Promise<void> {
  await db.many(
    sql`update outbox set lease_until = null where id = any(${rows.map((row) => row.id)})`,
  )
}

/** How many jobs have not reached the queue yet, and since when the oldest of them waits. */
export async function outboxBacklog(
  db: Queryable,
): Promise<{ readonly depth: number; readonly oldest: Date | undefined }> {
  const row = await db.one<{ depth: number; oldest: Date | null }>(
    sql`select count(*)::int as depth, min(created_at) as oldest from outbox`,
  )
  return { depth: row?.depth ?? 0, oldest: row?.oldest ?? undefined }
}
