import type { Hex } from '../../kernel/hex.ts'
import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'

/** A lane as the journal knows it. */
export type LaneState = {
  readonly address: Hex
  /** The nonce of its next batch. */
  readonly nextNonce: bigint
  /** Batches that no block has taken yet. */
  readonly inFlight: number
  readonly oldestInFlight: Date | undefined
  /** Signed transactions of the batch in flight that has the most: above one, fees were raised. */
  readonly mostAttempts: number
}

type LaneRow = {
  address: Hex
  next_nonce: bigint
  in_flight: number
  oldest: Date | null
  most_attempts: number
}

/** Every lane of a chain, in the order of their addresses. */
export async function listLanes(db: Queryable, chainId: number): Promise<LaneState[]> {
  const rows = await db.many<LaneRow>(sql`
    select l.address, l.next_nonce, f.in_flight, f.oldest, f.most_attempts
    from lanes l, lateral (
      select count(distinct b.id)::int as in_flight, min(b.created_at) as oldest,
        coalesce(max(a.attempt), 0)::int as most_attempts
      from settlement_batches b left join batch_attempts a on a.batch_id = b.id
      where b.chain_id = l.chain_id and b.lane = l.address and b.status = 'journaled') as f
    where l.chain_id = ${chainId} order by l.address`)
  return rows.map((row) => ({
    address: row.address,
    nextNonce: row.next_nonce,
    inFlight: row.in_flight,
    oldestInFlight: row.oldest ?? undefined,
    mostAttempts: row.most_attempts,
  }))
}
