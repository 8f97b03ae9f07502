import type { Hex } from '../../kernel/hex.ts'
import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'

export type LaneKey = { readonly chainId: number; readonly address: Hex }

/** Opens a lane at the account's nonce on chain. A lane that is known keeps its own count. */
export async function openLane(db: Queryable, lane: LaneKey, chainNonce: bigint): Promise<void> {
  await db.many(sql`
    insert into lanes (chain_id, address, next_nonce)
    values (${lane.chainId}, ${lane.address}, ${chainNonce})
    on conflict (chain_id, address) do nothing`)
}

/** Counts on from a nonce that the chain has reached without us. False when the lane moved meanwhile. */
export async function advanceLane(
  db: Queryable,
  lane: LaneKey,
  from: bigint,
  to: bigint,
): Promise<boolean> {
  const row = await db.one(sql`
    update lanes set next_nonce = ${to}
    where chain_id = ${lane.chainId} and address = ${lane.address} and next_nonce = ${from}
    returning address`)
  return row !== undefined
}

/** Notes whether a lane can pay for gas. One that cannot has no share of what waits. */
export async function noteGas(db: Queryable, lane: LaneKey, isDry: boolean): Promise<void> {
  await db.many(sql`
    update lanes set is_dry = ${isDry}
    where chain_id = ${lane.chainId} and address = ${lane.address} and is_dry <> ${isDry}`)
}

/** Which part of the waiting payments is a lane's: every `of`th, from `index` on. */
export type Share = { readonly index: number; readonly of: number }

/** The share of a lane among those of its chain that someone leads and that can pay; everything when it is alone. */
export async function readShare(db: Queryable, lane: LaneKey): Promise<Share> {
  const rows = await db.many<{ address: Hex }>(sql`
    select l.address from lanes l
    where l.chain_id = ${lane.chainId} and (l.address = ${lane.address} or (not l.is_dry and exists (
      select from leases where name = ${LANE_LEASE} || l.chain_id || ':' || l.address and expires_at > now())))
    order by l.address`)
  const index = rows.findIndex((row) => row.address === lane.address)
  return { index: Math.max(index, 0), of: Math.max(rows.length, 1) }
}

const LANE_LEASE = 'lane:'

/** The name of the lease of a lane. */
export function laneLease(lane: LaneKey): string {
  return `${LANE_LEASE}${lane.chainId}:${lane.address}`
}

export async function nextNonce(db: Queryable, lane: LaneKey): Promise<bigint | undefined> {
  const row = await db.one<{ next_nonce: bigint }>(sql`
    select next_nonce from lanes where chain_id = ${lane.chainId} and address = ${lane.address}`)
  return row?.next_nonce
}
