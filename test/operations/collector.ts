import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as it came over the wire. */
export type WireSpan = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[]
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly status: { readonly code?: number; readonly message?: string }
}
type Export = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly unknown[] }
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[]
  }[]
}

/** An OpenTelemetry collector on loopback that takes spans in OTLP/HTTP with JSON and keeps them. */
export type Collector = {
  readonly endpoint: string
  readonly spans: readonly WireSpan[]
  readonly requests: readonly {
    readonly headers: Readonly<Record<string, unknown>>
    body: Export
  }[]
  close(): Promise<void>
}

export async function openCollector(): Promise<Collector> {
  const spans: WireSpan[] = []
  const requests: Collector['requests'][number][] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const isRight = request.method === 'POST' && request.url === '/v1/traces'
    response.statusCode = isRight ? 200 : 404
    if (isRight) {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Export
      requests.push({ headers: request.headers, body })
      for (const resource of body.resourceSpans)
        for (const scope of resource.scopeSpans) spans.push(...scope.spans)
    }
    response.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    requests,
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
