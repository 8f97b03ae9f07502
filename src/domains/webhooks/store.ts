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

/** An endpoint to which something is on its way. */
export type Destination = { readonly endpointId: EndpointId }
/** One event on its way to one endpoint. */
export type DeliveryKey = Destination & { readonly eventId: EventId }

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
 * other recorders of these merchants wait for its end. Returns where the deliveries go that this call made.
 */
export async function recordEvents(
  db: Queryable,
  events: readonly Event[],
): Promise<Destination[]> {
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
  const rows = await db.many<Destination>(sql`
    insert into webhook_deliveries (event_id, endpoint_id, status, next_at)
    select e.id, w.id, 'pending', e.created_at from events e
    join webhook_endpoints w on w.merchant_id = e.merchant_id and w.status = 'active'
    where e.id = any(${made.map((row) => row.id)})
    on conflict do nothing
    returning endpoint_id as "endpointId"`)
  return [...new Set(rows.map((row) => row.endpointId))].map((endpointId) => ({ endpointId }))
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
 * Takes the oldest due deliveries of an endpoint for one attempt each, so many that it has no more than a few requests
 * at a time, whoever sends them: one that hangs keeps few senders waiting, and the sweep comes back to the rest.
 */
export async function claimDeliveries(
  db: Queryable,
  endpointId: EndpointId,
  at: Date,
): Promise<ClaimedDelivery[]> {
  const leaseUntil = new Date(at.getTime() + DELIVERY_LEASE_SECONDS * 1_000)
  // What is on its way was the oldest when it was taken, so it stands among the first.
  return db.many<ClaimedDelivery>(sql`
    with first as (
      select event_id, lease_until > ${at} as is_leased from webhook_deliveries
      where endpoint_id = ${endpointId} and status = 'pending' and next_at <= ${at}
      order by next_at limit ${2 * MAX_AT_ONE_ENDPOINT})
    update webhook_deliveries d set attempts = d.attempts + 1, lease_until = ${leaseUntil}
    from events e, webhook_endpoints w
    where d.endpoint_id = ${endpointId} and d.status = 'pending' and d.next_at <= ${at}
      and (d.lease_until is null or d.lease_until <= ${at})
      and d.event_id = any(array(
        select event_id from first where is_leased is not true
        limit greatest(0, ${MAX_AT_ONE_ENDPOINT} - (select count(*) from first where is_leased))))
      and e.id = d.event_id and w.id = d.endpoint_id
    returning d.event_id as "eventId", d.endpoint_id as "endpointId", d.attempts as attempt,
      w.url, w.secret, e.body, e.type, e.created_at as "recordedAt", e.traceparent`)
}

/** What came of one attempt, and what follows. */
export type Attempted = {
  readonly claimed: ClaimedDelivery
  readonly startedAt: Date
  readonly milliseconds: number
  readonly outcome: string
  readonly status: number | undefined
  readonly snippet: string | undefined
  readonly next:
    | { readonly status: 'delivered' | 'parked' }
    | { readonly status: 'pending'; readonly at: Date }
}

/** Records attempts, all or none. A sender whose lease another one took changes nothing but the log. */
export async function recordAttempts(db: Queryable, attempts: readonly Attempted[]): Promise<void> {
  const column = <Value>(value: (one: Attempted) => Value) => attempts.map(value)
  await db.many(sql`
    with attempted as (
      select * from unnest(${column(({ claimed }) => claimed.eventId)}::text[],
        ${column(({ claimed }) => claimed.endpointId)}::text[],
        ${column(({ claimed }) => claimed.attempt)}::int[], ${column((one) => one.startedAt)}::timestamptz[],
        ${column((one) => one.milliseconds)}::int[], ${column((one) => one.outcome)}::text[],
        ${column((one) => one.status ?? null)}::int[], ${column((one) => one.snippet ?? null)}::text[],
        ${column(({ next }) => next.status)}::text[],
        ${column(({ next, startedAt }) => (next.status === 'pending' ? next.at : startedAt))}::timestamptz[])
        as r (event_id, endpoint_id, attempt, started_at, milliseconds, outcome, status, snippet, next_status, next_at)),
    recorded as (
      insert into webhook_attempts (event_id, endpoint_id, attempt, started_at, milliseconds, outcome, status, snippet)
      select event_id, endpoint_id, attempt, started_at, milliseconds, outcome, status, snippet from attempted
      on conflict do nothing)
    update webhook_deliveries d set status = a.next_status, lease_until = null, next_at = a.next_at,
      delivered_at = case when a.next_status = 'delivered' then a.started_at end
    from attempted a
    where d.event_id = a.event_id and d.endpoint_id = a.endpoint_id
      and d.status = 'pending' and d.attempts = a.attempt`)
}

/**
 * Endpoints with a delivery whose time has come and that nobody is sending, the longest waiting first. Left out are
 * `busy` ones, and those with as many requests under way from other processes as they may have.
 */
export async function listDueEndpoints(
  db: Queryable,
  at: Date,
  busy: readonly EndpointId[],
  limit: number,
): Promise<EndpointId[]> {
  const rows = await db.many<Destination>(sql`
    select endpoint_id as "endpointId" from webhook_deliveries
    where status = 'pending' and next_at <= ${at} and endpoint_id <> all(${busy})
    group by endpoint_id
    having count(*) > count(*) filter (where lease_until > ${at})
      and count(*) filter (where lease_until > ${at}) < ${MAX_AT_ONE_ENDPOINT}
    order by min(next_at) filter (where lease_until > ${at} is not true) limit ${limit}`)
  return rows.map((row) => row.endpointId)
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
