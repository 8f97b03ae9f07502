import { createHash } from 'node:crypto'
import type { EventId, MerchantId } from '../../kernel/ids.ts'

export const EVENT_TYPES = [
  'payment.approved',
  'payment.settled',
  'payment.refused',
  'invoice.expired',
  'invoice.cancelled',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** The shape of every event body, so that a receiver knows how to read `data`. */
export const EVENT_API_VERSION = '2026-11-21'

/** Something that happened to one object. Its body is made once and never changes. */
export type Event = {
  readonly id: EventId
  readonly merchantId: MerchantId
  readonly type: EventType
  readonly aggregateId: string
  readonly sequence: number
  readonly body: string
  readonly createdAt: Date
  /** Where it stands in the trace of what happened. */
  readonly traceparent: string | undefined
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** A hash of what the event is about, so that the same event can never be made twice under two ids. */
export function eventIdOf(aggregateId: string, type: EventType, sequence: number): EventId {
  const digest = createHash('sha256').update(`${aggregateId}\n${type}\n${sequence}`).digest()
  return `evt_${Array.from(digest.subarray(0, 26), (byte) => ALPHABET[byte % 32]).join('')}`
}

/** An event whose body carries `object`, whole, as it was at that moment. */
export function eventOf(happened: {
  readonly merchantId: MerchantId
  readonly type: EventType
  readonly aggregateId: string
  readonly sequence: number
  readonly object: unknown
  readonly at: Date
  readonly traceparent?: string | undefined
}): Event {
  const id = eventIdOf(happened.aggregateId, happened.type, happened.sequence)
  return {
    id,
    merchantId: happened.merchantId,
    type: happened.type,
    aggregateId: happened.aggregateId,
    sequence: happened.sequence,
    createdAt: happened.at,
    traceparent: happened.traceparent,
    body: JSON.stringify({
      id,
      type: happened.type,
      timestamp: happened.at.toISOString(),
      api_version: EVENT_API_VERSION,
      sequence: happened.sequence,
      data: { object: happened.object },
    }),
  }
}
