import { Fault } from '../../kernel/errors.ts'
import type { Hex } from '../../kernel/hex.ts'
import type { ApiKeyId, MerchantId, StoreId, TerminalId } from '../../kernel/ids.ts'
import { basisPoints, won } from '../../kernel/money.ts'
import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'
import type { Actor, Scope } from './api-key.ts'
import type { Merchant, Store } from './merchant.ts'

type MerchantRow = {
  id: MerchantId
  name: string
  settlement_address: Hex
  fee_basis_points: number
  created_at: Date
}

export async function insertMerchant(db: Queryable, merchant: Merchant): Promise<void> {
  await db.many(sql`
    insert into merchants (id, name, settlement_address, fee_basis_points, created_at)
    values (${merchant.id}, ${merchant.name}, ${merchant.settlementAddress},
      ${merchant.feeBasisPoints}, ${merchant.createdAt})`)
}

export async function getMerchant(db: Queryable, id: MerchantId): Promise<Merchant> {
  const merchant = (await merchantsById(db, [id])).get(id)
  if (merchant === undefined) throw new Fault('not_found', `There is no merchant ${id}`)
  return merchant
}

export async function merchantsById(
  db: Queryable,
  ids: readonly MerchantId[],
): Promise<Map<MerchantId, Merchant>> {
  const rows = await db.many<MerchantRow>(sql`select * from merchants where id = any(${ids})`)
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        name: row.name,
        settlementAddress: row.settlement_address,
        feeBasisPoints: basisPoints(row.fee_basis_points),
        createdAt: row.created_at,
      },
    ]),
  )
}

export async function countMerchants(db: Queryable): Promise<number> {
  const row = await db.one<{ count: number }>(sql`select count(*)::int as count from merchants`)
  return row?.count ?? 0
}

export async function insertStore(db: Queryable, store: Store, at: Date): Promise<void> {
  await db.many(sql`
    insert into stores (id, merchant_id, name, risk_limit_won, created_at)
    values (${store.id}, ${store.merchantId}, ${store.name}, ${store.riskLimit ?? null}, ${at})`)
}

export async function getStore(db: Queryable, id: StoreId): Promise<Store> {
  const row = await db.one<{
    id: StoreId
    merchant_id: MerchantId
    name: string
    risk_limit_won: bigint | null
  }>(sql`select * from stores where id = ${id}`)
  if (row === undefined) throw new Fault('not_found', `There is no store ${id}`)
  return {
    id: row.id,
    merchantId: row.merchant_id,
    name: row.name,
    riskLimit: row.risk_limit_won === null ? undefined : won(row.risk_limit_won),
  }
}

export type NewApiKey = Omit<Actor, 'keyId'> & {
  readonly id: ApiKeyId
  readonly label: string
  readonly sha256: Buffer
}

export async function insertApiKey(db: Queryable, key: NewApiKey, at: Date): Promise<void> {
  await db.many(sql`
    insert into api_keys (id, merchant_id, terminal_id, label, scopes, sha256, created_at)
    values (${key.id}, ${key.merchantId}, ${key.terminalId ?? null}, ${key.label},
      ${key.scopes}, ${key.sha256}, ${at})`)
}

/** The owner of a live key, found by its hash. Undefined for an unknown or revoked one. */
export async function findActor(db: Queryable, sha256: Buffer): Promise<Actor | undefined> {
  const row = await db.one<{
    id: ApiKeyId
    merchant_id: MerchantId
    terminal_id: TerminalId | null
    scopes: Scope[]
  }>(sql`
    select id, merchant_id, terminal_id, scopes from api_keys
    where sha256 = ${sha256} and revoked_at is null`)
  if (row === undefined) return undefined
  return {
    keyId: row.id,
    merchantId: row.merchant_id,
    terminalId: row.terminal_id ?? undefined,
    scopes: row.scopes,
  }
}

export async function revokeApiKey(db: Queryable, id: ApiKeyId, at: Date): Promise<void> {
  await db.many(sql`update api_keys set revoked_at = ${at} where id = ${id} and revoked_at is null`)
}
