import { API_VERSION } from '../entry/http/index.ts'
import { reveal } from '../kernel/secret.ts'
import type { Log } from '../platform/log/log.ts'
import { openOtlp } from '../platform/trace/otlp.ts'
import { NO_TRACER, openTracer, type Tracer } from '../platform/trace/tracer.ts'
import type { Config } from './config.ts'

/** A collector that is away is told of this often. */
const REPEAT_MS = 60_000

/** The tracer of a process, and how to send what is left of its spans. */
export function openTracing(
  { tracing }: Pick<Config, 'tracing'>,
  service: string,
  log: Log,
): { readonly tracer: Tracer; close(): Promise<void> } {
  if (tracing === undefined) return { tracer: NO_TRACER, close: async () => {} }
  let lost = 0
  let tellAt = 0
  const sender = openOtlp({
    endpoint: tracing.endpoint,
    headers: headersOf(reveal(tracing.headers)),
    service,
    version: API_VERSION,
    onLoss: (spans, reason) => {
      lost += spans
      if (performance.now() < tellAt) return
      tellAt = performance.now() + REPEAT_MS
      log.warn('the collector takes no spans; they are dropped', { spans: lost, reason })
      lost = 0
    },
  })
  return { tracer: openTracer(sender.add), close: sender.close }
}

/** `name=value,name=value`, values percent-encoded, as OTEL_EXPORTER_OTLP_HEADERS is written. */
function headersOf(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const [name = '', ...rest] = pair.split('=')
    return name.trim() === '' ? [] : [[name.trim(), decodeURIComponent(rest.join('=').trim())]]
  })
  return Object.fromEntries(pairs) as Record<string, string>
}
