import { within } from '../../kernel/pace.ts'
import type { Attributes, FinishedSpan, SpanKind } from './tracer.ts'

export type SpanSender = {
  /** Takes a span to be sent soon. */
  add(span: FinishedSpan): void
  /** Sends what is left. Never throws. */
  close(): Promise<void>
}

type OtlpOptions = {
  /** The collector; spans go to `/v1/traces` below it. */
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  /** The name of this process in every trace, such as `baro-gateway`. */
  readonly service: string
  readonly version: string
  readonly onLoss: (spans: number, reason: string) => void
}

const SEND_MS = 1_000
const MOST_AT_ONCE = 512
/** What is kept while the collector is slow. A trace is worth less than memory. */
const MOST_KEPT = 4_096
const TIMEOUT_MS = 5_000
const CLOSE_MS = 2_000
/** Numbers of `SpanKind` in the OpenTelemetry protocol. */
const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, consumer: 5 }
const STATUS_ERROR = 2

/**
 * Sends spans to a collector in OTLP/HTTP with JSON (OpenTelemetry protocol 1.x). Nobody waits for it: what a collector
 * does not take is dropped and told of.
 */
export function openOtlp(options: OtlpOptions): SpanSender {
  const url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`
  let kept: FinishedSpan[] = []
  let sending: Promise<void> = Promise.resolve()

  const post = async (spans: readonly FinishedSpan[]) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...options.headers, 'content-type': 'application/json' },
      body: JSON.stringify(requestOf(spans, options)),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
  }
  const send = (): Promise<void> => {
    sending = sending.then(async () => {
      while (kept.length > 0) {
        const spans = kept.splice(0, MOST_AT_ONCE)
        await post(spans).catch((error: Error) => options.onLoss(spans.length, error.message))
      }
    })
    return sending
  }
  const timer = setInterval(() => void (kept.length > 0 && send()), SEND_MS).unref()
  return {
    add: (span) => {
      if (kept.length < MOST_KEPT) kept.push(span)
      else options.onLoss(1, 'too many spans wait for the collector')
    },
    close: async () => {
      clearInterval(timer)
      // A collector that hangs does not keep a process from ending.
      await within(CLOSE_MS, 'the collector', send()).catch(() => {})
      kept = []
    },
  }
}

/** An `ExportTraceServiceRequest` in the JSON form of the protocol: ids in hex, times in digits. */
function requestOf(spans: readonly FinishedSpan[], { service, version }: OtlpOptions) {
  return {
    resourceSpans: [
      {
        resource: {
          attributes: attributesOf({ 'service.name': service, 'service.version': version }),
        },
        scopeSpans: [{ scope: { name: 'baro', version }, spans: spans.map(spanOf) }],
      },
    ],
  }
}

function spanOf(span: FinishedSpan) {
  const { traceId, spanId, parentSpanId, name, links } = span
  return {
    ...{ traceId, spanId, name },
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    kind: KINDS[span.kind],
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(span.endMs),
    attributes: attributesOf(span.attributes),
    links: links.map((one) => ({ traceId: one.traceId, spanId: one.spanId })),
    status: span.error === undefined ? {} : { code: STATUS_ERROR, message: span.error },
  }
}

function nanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1_000)) * 1_000n)
}

function attributesOf(attributes: Attributes) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValueOf(value) }))
}

function anyValueOf(value: string | number | boolean) {
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'string') return { stringValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
