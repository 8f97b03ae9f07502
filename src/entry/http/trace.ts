import type { FastifyRequest } from 'fastify'
import type { Deps } from '../../flows/deps.ts'
import type { Server } from '../../platform/http/server.ts'

/** Reads are asked for all day; only those whose caller traces are worth a span. */
const READS = ['GET', 'HEAD', 'OPTIONS']

/**
 * Runs each request of the API that changes something as a span, under the caller's `traceparent` when it sends one
 * (W3C Trace Context). It begins once the body is read, so that everything that the handler does is inside.
 */
export function traceRequests(app: Server, { tracer }: Pick<Deps, 'tracer'>): void {
  app.addHook('preHandler', (request, reply, done) => {
    const parent = traceparentOf(request)
    const isWorthIt = parent !== undefined || !READS.includes(request.method)
    if (!isWorthIt) return done()
    const name = `${request.method} ${request.routeOptions.url ?? 'none'}`
    const options = { kind: 'server', parent } as const
    void tracer.span(name, options, (span) => {
      const answered = new Promise<void>((resolve) => {
        reply.raw.once('close', () => {
          span.note({ 'http.response.status_code': reply.statusCode, 'baro.request': request.id })
          resolve()
        })
      })
      done()
      return answered
    })
  })
}

function traceparentOf(request: FastifyRequest): string | undefined {
  const { traceparent } = request.headers
  return typeof traceparent === 'string' ? traceparent : undefined
}
