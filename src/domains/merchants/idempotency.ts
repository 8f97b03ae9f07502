import { createHash } from 'node:crypto'
import { Fault } from '../../kernel/errors.ts'
import type { MerchantId } from '../../kernel/ids.ts'
import type { Db } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'

export type KeyedRequest = {
  readonly merchantId: MerchantId
  readonly key: string
  readonly route: string
  readonly body: unknown
}

export type Answer = { readonly status: number; readonly body: unknown }

/**
 * Runs `work` once for one `Idempotency-Key` of a merchant and answers every repetition with the first answer.
 * The answer is stored in the transaction of the work. Throws `idempotency_in_flight` while the first request
 * runs and `idempotency_mismatch` when the key was used for another route or body. A refusal is not stored.
 */
export async function answerOnce(
  db: Db,
  request: KeyedRequest,
  at: Date,
  work: (tx: Db) => Promise<Answer>,
): Promise<Answer & { readonly replayed: boolean }> {
  const sha256 = createHash('sha256').update(JSON.stringify(request.body, inOneOrder)).digest()
  return db.transaction(async (tx) => {
    const lock = await tx.one<{ taken: boolean }>(sql`
      select pg_try_advisory_xact_lock(
        hashtextextended(${`${request.merchantId} ${request.key}`}, 0)) as taken`)
    if (lock?.taken !== true) throw new Fault('idempotency_in_flight', 'Ask again in a moment')
    const first = await tx.one<{
      route: string
      body_sha256: Buffer
      status: number
      body: unknown
    }>(sql`
      select route, body_sha256, status, body from idempotency_keys
      where merchant_id = ${request.merchantId} and key = ${request.key}`)
    if (first !== undefined) {
      if (first.route !== request.route || !first.body_sha256.equals(sha256))
        throw new Fault('idempotency_mismatch', 'Use a new Idempotency-Key for another request')
      return { status: first.status, body: first.body, replayed: true }
    }
    const answer = await work(tx)
    await tx.many(sql`
      insert into idempotency_keys (merchant_id, key, route, body_sha256, status, body, created_at)
      values (${request.merchantId}, ${request.key}, ${request.route}, ${sha256},
        ${answer.status}, ${JSON.stringify(answer.body)}, ${at})`)
    return { ...answer, replayed: false }
  })
}

/** Sorts the fields of every object: a body is the same in whatever order a client writes them. */
function inOneOrder(_field: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
