import { FAULTS, type FaultCode } from '../../kernel/errors.ts'
import type { Server } from '../../platform/http/server.ts'
import type { Metrics } from '../../platform/metrics/metrics.ts'

const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 31]
/** A path that no route has: whatever strangers ask for, it is one label. */
const NO_ROUTE = 'none'
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Measures requests by the template of their route, and counts the problems that are answered. */
export function httpMeter(metrics: Metrics) {
  const seconds = metrics.histogram({
    name: 'baro_http_request_seconds',
    help: 'Requests that do not ask to wait, from their head to the end of the answer',
    labels: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
  })
  const waits = metrics.counter({
    name: 'baro_http_long_polls_total',
    help: 'Requests that asked to wait for a change, which takes as long as it takes',
    labels: ['route', 'status'],
  })
  const problems = metrics.counter({
    name: 'baro_http_problems_total',
    help: 'Answers that are a problem, by its code',
    labels: ['code'],
  })
  for (const code of Object.keys(FAULTS)) problems({ code }, 0)
  return {
    problem: (code: FaultCode) => problems({ code }),
    listen: (app: Server) => {
      app.addHook('onResponse', async (request, reply) => {
        const route = request.routeOptions.url ?? NO_ROUTE
        const status = String(reply.statusCode)
        const query = request.query as Readonly<Record<string, unknown>> | undefined
        if (query?.after_version !== undefined) return waits({ route, status })
        const method = METHODS.includes(request.method) ? request.method : 'other'
        seconds({ method, route, status }, reply.elapsedTime / 1_000)
      })
    },
  }
}
