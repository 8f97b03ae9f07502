import { MAX_AT_ONE_ENDPOINT, retryDelaySeconds } from '../domains/webhooks/schedule.ts'
import { signatureHeaders } from '../domains/webhooks/signature.ts'
import {
  type Attempted,
  type ClaimedDelivery,
  claimDeliveries,
  disableEndpoint,
  recordAttempts,
} from '../domains/webhooks/store.ts'
import type { EndpointId } from '../kernel/ids.ts'
import { secondsAfter } from '../kernel/time.ts'
import type { PostFailure } from '../platform/net/post.ts'
import type { Deps } from './deps.ts'

const GONE = 410
/** A sender that has sent so many leaves the rest to others, so that it can be stopped. */
const MOST_OF_ONE_SENDER = 1_000

type Outside = Pick<Deps, 'db' | 'clock' | 'poster' | 'random' | 'meter' | 'tracer'>

/** The senders of one process. Jobs and the sweep share them, so that each knows where the other is sending. */
export type Senders = {
  /**
   * Sends what is due to an endpoint, and ends when that sender does: what it could not do is in the log and stays due.
   * Ends at once at an endpoint with its share of senders, the first of which to end then looks again.
   */
  send(endpointId: EndpointId): Promise<void>
  /** The endpoints that are being sent to. */
  busy(): readonly EndpointId[]
  /** Waits for the senders under way, none of which looks again. */
  end(): Promise<void>
}

/** Senders without work yet. An endpoint has as many at most as it may have requests at a time. */
export function openSenders(deps: Outside & Pick<Deps, 'log'>): Senders {
  const places = new Map<EndpointId, { senders: number; isTold: boolean }>()
  const running = new Set<Promise<void>>()
  let isEnding = false
  const run = async (endpointId: EndpointId) => {
    const place = places.get(endpointId) ?? { senders: 0, isTold: false }
    if (place.senders >= MAX_AT_ONE_ENDPOINT) {
      place.isTold = true
      return
    }
    places.set(endpointId, place)
    place.senders += 1
    try {
      // Who was sent away may have come after the last look, so there is one more. No pause between it and the end.
      do {
        place.isTold = false
        await deliverWebhooks(deps, endpointId)
      } while (place.isTold && !isEnding)
    } catch (err) {
      deps.log.warn('webhooks could not be sent', { endpointId, err })
    } finally {
      place.senders -= 1
      if (place.senders === 0) places.delete(endpointId)
    }
  }
  return {
    send: (endpointId) => {
      const sender = run(endpointId).finally(() => running.delete(sender))
      running.add(sender)
      return sender
    },
    busy: () => [...places.keys()],
    end: async () => {
      isEnding = true
      await Promise.all(running)
    },
  }
}

/**
 * Sends what is due to one endpoint, a few requests at a time, until nothing is due or one of them fails: claim, send,
 * record. Nothing is open while the requests run; a sender that dies in between leaves leases that end, and the same
 * events go out again under the same ids.
 */
export async function deliverWebhooks(deps: Outside, endpointId: EndpointId): Promise<void> {
  for (let sent = 0; sent < MOST_OF_ONE_SENDER; ) {
    const startedAt = deps.clock.now()
    const claimed = await claimDeliveries(deps.db, endpointId, startedAt)
    if (claimed.length === 0) return
    const sendings = await Promise.all(claimed.map((one) => send(deps, one, startedAt)))
    const attempts = sendings.map(({ attempted }) => attempted)
    await record(deps, endpointId, attempts)
    const at = deps.clock.now()
    for (const { attempted, result } of sendings)
      deps.meter.webhook({ ...attempted.claimed, result, at })
    // An endpoint that fails is left alone until the sweep comes round: nothing here may wait long for it.
    if (attempts.some(({ next }) => next.status !== 'delivered')) return
    sent += claimed.length
  }
}

/** An attempt for the rows, and what it met for the meter. */
type Sending = { readonly attempted: Attempted; readonly result: number | PostFailure }

async function send(deps: Outside, claimed: ClaimedDelivery, startedAt: Date): Promise<Sending> {
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Baro-Webhooks/1',
    'webhook-attempt': String(claimed.attempt),
    ...signatureHeaders({
      secret: claimed.secret,
      id: claimed.eventId,
      at: startedAt,
      body: claimed.body,
    }),
  }
  const trace = { kind: 'client', parent: claimed.traceparent ?? undefined } as const
  const answer = await deps.tracer.span('webhook attempt', trace, (span) => {
    span.note({ 'baro.event': claimed.eventId, 'baro.attempt': claimed.attempt })
    const { traceparent } = span
    const all = traceparent === undefined ? headers : { ...headers, traceparent }
    return deps.poster.post(claimed.url, all, Buffer.from(claimed.body))
  })
  const isAnswered = answer.outcome === 'answered'
  const status = isAnswered ? answer.status : undefined
  const isDelivered = status !== undefined && status >= 200 && status < 300
  const delay = retryDelaySeconds(
    claimed.attempt,
    deps.random(),
    isAnswered ? answer.retryAfterSeconds : undefined,
  )
  const attempted: Attempted = {
    ...{ claimed, startedAt, status },
    milliseconds: Math.round(answer.milliseconds),
    outcome: isAnswered ? 'answered' : answer.reason,
    snippet: isAnswered ? answer.snippet : undefined,
    next: isDelivered
      ? { status: 'delivered' }
      : delay === undefined || status === GONE
        ? { status: 'parked' }
        : { status: 'pending', at: secondsAfter(deps.clock.now(), delay) },
  }
  return { attempted, result: isAnswered ? answer.status : answer.reason }
}

async function record(
  { db }: Outside,
  endpointId: EndpointId,
  attempts: readonly Attempted[],
): Promise<void> {
  if (!attempts.some(({ status }) => status === GONE)) return recordAttempts(db, attempts)
  await db.transaction(async (tx) => {
    // First, so that two answers of one endpoint wait for each other on its row and not on their deliveries.
    await disableEndpoint(tx, endpointId)
    await recordAttempts(tx, attempts)
  })
}
