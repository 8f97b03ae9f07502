import { Fault } from '../../kernel/errors.ts'
import type { EndpointId, EventId, MerchantId } from '../../kernel/ids.ts'
import type { Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'
import type { Event, EventType } from './event.ts'
import { DELIVERY_LEASE_SECONDS, MAX_AT_ONE_ENDPOINT } from './schedule.ts'

export type Endpoint = {
  readonly id: EndpointId
  readonly merchantId: MerchantId
  readonly url: string
  readonly secret: string
  readonly createdAt: Date
}

/** One event on its way to one endpoint. */
export type DeliveryKey = { readonly eventId: EventId; readonly endpointId: EndpointId }

export async function insertEndpoint(db: Queryable, endpoint: Endpoint): Promise<void> {
  await db.many(sql`
    insert into webhook_endpoints (id, merchant_id, url, secret, status, created_at)
    values (${endpoint.id}, ${endpoint.merchantId}, ${endpoint.url}, ${endpoint.secret}, 'active',
      ${endpoint.createdAt})`)
}

/** Writes an endpoint, or gives the one of that id its new URL. */
export async function placeEndpoint(db: Queryable, endpoint: Endpoint): Promise<void> {
  await db.many(sql`
    insert into webhook_endpoints (id, merchant_id, url, secret, status, created_at)
    values (${endpoint.id}, ${endpoint.merchantId}, ${endpoint.url}, ${endpoint.secret}, 'active',
      ${endpoint.createdAt})
    on conflict (id) do update set url = excluded.url, status = 'active'`)
}

export async function listEndpoints(db: Queryable, merchantId: MerchantId): Promise<Endpoint[]> {
  return db.many<Endpoint>(sql`
    select id, merchant_id as "merchantId", url, secret, created_at as "createdAt"
    from webhook_endpoints where merchant_id = ${merchantId} and status = 'active' order by id`)
}

/** Stops an endpoint: what is on its way there is parked, whatever its turn would have been. */
export async function disableEndpoint(db: Queryable, id: EndpointId): Promise<void> {
  await db.many(sql`update webhook_endpoints set status = 'disabled' where id = ${id}`)
  await db.many(sql`
    update webhook_deliveries set status = 'parked', lease_until = null
    where endpoint_id = ${id} and status = 'pending'`)
}

/**
 * Records events, each once, and one delivery to every active endpoint of its merchant. Last thing of a transaction:
 * other recorders of these merchants wait for its end. Returns the deliveries that this call made.
 */
export async function recordEvents(
  db: Queryable,
  events: readonly Event[],
): Promise<DeliveryKey[]> {
  if (events.length === 0) return []
  // The events of a merchant are committed in the order of their positions, so that no reader's cursor passes one by.
  await db.many(sql`
    select pg_advisory_xact_lock(hashtextextended('events ' || id, 0))
    from (select distinct id from unnest(${events.map((one) => one.merchantId)}::text[]) as m (id)
      order by id) as merchants`)
  const made = await db.many<{ id: EventId }>(sql`
    insert into events (id, merchant_id, type, aggregate_id, sequence, body, created_at, traceparent)
    select * from unnest(${events.map((one) => one.id)}::text[],
      ${events.map((one) => one.merchantId)}::text[], ${events.map((one) => one.type)}::text[],
      ${events.map((one) => one.aggregateId)}::text[], ${events.map((one) => one.sequence)}::int[],
      ${events.map((one) => one.body)}::text[], ${events.map((one) => one.createdAt)}::timestamptz[],
      ${events.map((one) => one.traceparent ?? null)}::text[])
    on conflict do nothing returning id`)
  return db.many<DeliveryKey>(sql`
    insert into webhook_deliveries (event_id, endpoint_id, status, next_at)
    select e.id, w.id, 'pending', e.created_at from events e
    join webhook_endpoints w on w.merchant_id = e.merchant_id and w.status = 'active'
    where e.id = any(${made.map((row) => row.id)})
    on conflict do nothing
    returning event_id as "eventId", endpoint_id as "endpointId"`)
}

export type ClaimedDelivery = DeliveryKey & {
  readonly attempt: number
  readonly url: string
  readonly secret: string
  readonly body: string
  readonly type: EventType
  readonly recordedAt: Date
  readonly traceparent: string | null
}

/**
 * Takes a due delivery for one attempt. Undefined when it is done, not due, or on its way already, or when its endpoint
 * is busy: one that hangs keeps few senders waiting, and the sweep comes back to the rest.
 */
export async function claimDelivery(
  db: Queryable,
  key: DeliveryKey,
  at: Date,
): Promise<ClaimedDelivery | undefined> {
  const leaseUntil = new Date(at.getTime() + DELIVERY_LEASE_SECONDS * 1_000)
  return db.one<ClaimedDelivery>(sql`
    update webhook_deliveries d set attempts = d.attempts + 1, lease_until = ${leaseUntil}
    from events e, webhook_endpoints w
    where d.event_id = ${key.eventId} and d.endpoint_id = ${key.endpointId}
      and d.status = 'pending' and d.next_at <= ${at}
      and (d.lease_until is null or d.lease_until <= ${at})
      and (select count(*) from webhook_deliveries other
        where other.endpoint_id = d.endpoint_id and other.lease_until > ${at}) < ${MAX_AT_ONE_ENDPOINT}
      and e.id = d.event_id and w.id = d.endpoint_id
    returning d.event_id as "eventId", d.endpoint_id as "endpointId", d.attempts as attempt,
      w.url, w.secret, e.body, e.type, e.created_at as "recordedAt", e.traceparent`)
}

export type AttemptResult = {
  readonly startedAt: Date
  readonly milliseconds: number
  readonly outcome: string
  readonly status: number | undefined
  readonly snippet: string | undefined
}

/** Records an attempt and what follows. A sender whose lease another one took changes nothing but the log. */
export async function recordAttempt(
  tx: Queryable,
  claimed: ClaimedDelivery,
  result: AttemptResult,
  next:
    | { readonly status: 'delivered' | 'parked' }
    | { readonly status: 'pending'; readonly at: Date },
): Promise<void> {
  await tx.many(sql`
    insert into webhook_attempts (event_id, endpoint_id, attempt, started_at, milliseconds, outcome, status, snippet)
    values (${claimed.eventId}, ${claimed.endpointId}, ${claimed.attempt}, ${result.startedAt},
      ${result.milliseconds}, ${result.outcome}, ${result.status ?? null}, ${result.snippet ?? null})
    on conflict do nothing`)
  const nextAt = next.status === 'pending' ? next.at : result.startedAt
  await tx.many(sql`
    update webhook_deliveries set status = ${next.status}, lease_until = null, next_at = ${nextAt},
      delivered_at = ${next.status === 'delivered' ? result.startedAt : null}
    where event_id = ${claimed.eventId} and endpoint_id = ${claimed.endpointId}
      and status = 'pending' and attempts = ${claimed.attempt}`)
}

/** Deliveries whose time has come and that nobody is sending. */
export async function listDueDeliveries(
  db: Queryable,
  at: Date,
  limit: number,
): Promise<DeliveryKey[]> {
  return db.many<DeliveryKey>(sql`
    select event_id as "eventId", endpoint_id as "endpointId" from (
      select event_id, endpoint_id, next_at,
        row_number() over (partition by endpoint_id order by next_at) as place
      from webhook_deliveries
      where status = 'pending' and next_at <= ${at} and (lease_until is null or lease_until <= ${at})
    ) as due
    where place <= ${MAX_AT_ONE_ENDPOINT} order by next_at limit ${limit}`)
}

export type EventRow = {
  readonly id: EventId
  readonly position: bigint
  readonly type: EventType
  readonly body: string
}

/** A merchant's events in the order in which they were recorded, after one of them. Throws `invalid_request` for an unknown one. */
export async function listEvents(
  db: Queryable,
  merchantId: MerchantId,
  startingAfter: EventId | undefined,
  limit: number,
): Promise<EventRow[]> {
  const after =
    startingAfter === undefined
      ? { position: 0n }
      : await db.one<{ position: bigint }>(sql`
          select position from events where id = ${startingAfter} and merchant_id = ${merchantId}`)
  if (after === undefined)
    throw new Fault('invalid_request', `There is no event ${startingAfter}`, {
      fields: [{ field: 'starting_after', code: 'unknown' }],
    })
  return db.many<EventRow>(sql`
    select id, position, type, body from events
    where merchant_id = ${merchantId} and position > ${after.position}
    order by position limit ${limit}`)
}
