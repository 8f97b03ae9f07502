import { newWebhookSecret } from '../domains/webhooks/signature.ts'
import { type Endpoint, insertEndpoint, listEndpoints } from '../domains/webhooks/store.ts'
import { Fault } from '../kernel/errors.ts'
import { type MerchantId, newId } from '../kernel/ids.ts'
import { sql } from '../platform/db/sql.ts'
import { checkWebhookUrl } from '../platform/net/webhook-url.ts'
import type { Deps } from './deps.ts'

const MAX_ENDPOINTS = 10

/** Registers where a merchant's events go. Throws `invalid_request` for a URL that no event may be sent to. */
export async function registerEndpoint(
  deps: Pick<Deps, 'db' | 'clock' | 'webhookPolicy'>,
  merchantId: MerchantId,
  url: string,
): Promise<Endpoint> {
  const reason = checkWebhookUrl(url, deps.webhookPolicy)
  if (reason !== undefined)
    throw new Fault('invalid_request', 'Events cannot be sent to this URL', {
      fields: [{ field: '/url', code: reason }],
    })
  const now = deps.clock.now()
  const endpoint: Endpoint = {
    id: newId('whe', now),
    merchantId,
    url,
    secret: newWebhookSecret(),
    createdAt: now,
  }
  return deps.db.transaction(async (tx) => {
    // Registrations of one merchant wait for each other: two that count at once would both find room.
    await tx.many(
      sql`select pg_advisory_xact_lock(hashtextextended(${`endpoints ${merchantId}`}, 0))`,
    )
    if ((await listEndpoints(tx, merchantId)).length >= MAX_ENDPOINTS)
      throw new Fault('wrong_state', `A merchant has at most ${MAX_ENDPOINTS} endpoints`)
    await insertEndpoint(tx, endpoint)
    return endpoint
  })
}
