import { createServer, type Server } from '../../platform/http/server.ts'
import type { Log } from '../../platform/log/log.ts'
import { type Metrics, openMetrics } from '../../platform/metrics/metrics.ts'
import { checkoutRoutes } from './checkout.ts'
import type { HttpContext } from './context.ts'
import { healthRoutes } from './health.ts'
import { invoiceRoutes } from './invoices.ts'
import { httpMeter } from './meter.ts'
import { pageRoutes } from './pages.ts'
import { qrImageRoutes } from './qr-images.ts'
import { statementRoutes } from './statements.ts'
import { traceRequests } from './trace.ts'
import { webhookRoutes } from './webhooks.ts'

export const API_VERSION = '0.1.0'

type ListenerOptions = {
  readonly log: Log
  readonly trustedProxies: readonly string[]
  /** Where requests are measured; nowhere that anybody looks when absent. */
  readonly metrics?: Metrics
}

/** The gateway's whole HTTP face, ready to listen. */
export async function buildHttp(context: HttpContext, options: ListenerOptions): Promise<Server> {
  const measure = httpMeter(options.metrics ?? openMetrics())
  const app = await createServer({
    onFailure: (fields) => options.log.error('request failed', fields),
    onProblem: measure.problem,
    trustedProxies: options.trustedProxies,
    title: 'Baro',
    version: API_VERSION,
    description:
      'Point-of-sale QR payments in a KRW stablecoin. Errors are RFC 9457 problem documents; amounts are whole won.',
    isHttps: context.publicUrl.startsWith('https:'),
  })
  measure.listen(app)
  traceRequests(app, context.deps)
  await app.register(invoiceRoutes(context))
  await app.register(checkoutRoutes(context))
  await app.register(qrImageRoutes(context))
  await app.register(statementRoutes(context))
  await app.register(webhookRoutes(context))
  await app.register(healthRoutes(context))
  await app.register(pageRoutes(context))
  await app.ready()
  return app
}
