import { retryDelaySeconds } from '../domains/webhooks/schedule.ts'
import { signatureHeaders } from '../domains/webhooks/signature.ts'
import {
  claimDelivery,
  type DeliveryKey,
  disableEndpoint,
  recordAttempt,
} from '../domains/webhooks/store.ts'
import { secondsAfter } from '../kernel/time.ts'
import type { Deps } from './deps.ts'

const GONE = 410

/**
 * Makes one attempt of a delivery that is due: claim, send, record. Nothing is open while the request runs; a sender
 * that dies in between leaves a lease that ends, and the same event goes out again under the same id.
 */
export async function deliverWebhook(
  deps: Pick<Deps, 'db' | 'clock' | 'poster' | 'random' | 'meter' | 'tracer'>,
  key: DeliveryKey,
): Promise<void> {
  const startedAt = deps.clock.now()
  const claimed = await claimDelivery(deps.db, key, startedAt)
  if (claimed === undefined) return
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
  await deps.db.transaction(async (tx) => {
    // First, so that two answers of one endpoint wait for each other on its row and not on their deliveries.
    if (status === GONE) await disableEndpoint(tx, claimed.endpointId)
    await recordAttempt(
      tx,
      claimed,
      {
        startedAt,
        milliseconds: Math.round(answer.milliseconds),
        outcome: isAnswered ? 'answered' : answer.reason,
        status,
        snippet: isAnswered ? answer.snippet : undefined,
      },
      isDelivered
        ? { status: 'delivered' }
        : delay === undefined || status === GONE
          ? { status: 'parked' }
          : { status: 'pending', at: secondsAfter(deps.clock.now(), delay) },
    )
    const result = isAnswered ? answer.status : answer.reason
    tx.onCommit(() => deps.meter.webhook({ ...claimed, result, at: deps.clock.now() }))
  })
}
