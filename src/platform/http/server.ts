import type { IncomingMessage, ServerResponse } from 'node:http'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type RawServerDefault,
} from 'fastify'
import { FAULTS, Fault, type FaultCode } from '../../kernel/errors.ts'
import { nameSchemas } from './named-schemas.ts'
import { faultOf, PROBLEM_TYPE, problemOf, retryAfterOf } from './problem.ts'

export type Server = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export type ServerOptions = {
  /** Hears of every answer of 500 and above, with what is behind it. */
  readonly onFailure: (fields: Readonly<Record<string, unknown>>) => void
  /** Hears of every problem that is answered. */
  readonly onProblem: (code: FaultCode) => void
  readonly title: string
  readonly version: string
  readonly description: string
  /** CIDRs of proxies whose X-Forwarded-* headers count. Empty: nobody's. */
  readonly trustedProxies: readonly string[]
  /** Whether browsers reach us by TLS: then they are told to keep to it. */
  readonly isHttps: boolean
}

const BODY_LIMIT_BYTES = 32 * 1024
const REQUEST_TIMEOUT_MS = 10_000
const SWEEP_MS = 50

/** A server that answers every error as RFC 9457 problem+json, refuses what it does not know, and coerces no body. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: 60_000,
    // Node looks for requests that are over their time only this often.
    http: { connectionsCheckingInterval: 1_000 },
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    genReqId: () => `req_${crypto.randomUUID().replaceAll('-', '')}`,
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true },
    // Fastify's defaults turn "5" into 5 and drop unknown fields. A payment API says no instead.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } },
  }).withTypeProvider<TypeBoxTypeProvider>() as Server
  keepOnlyJson(app)
  await app.register(helmet, { ...securityHeaders(options.isHttps) })
  await app.register(rateLimit, {
    global: false,
    skipOnError: true,
    errorResponseBuilder: () => new Fault('rate_limited', 'Slow down and try again'),
  })
  await app.register(swagger, {
    transformObject: (document) =>
      nameSchemas('openapiObject' in document ? document.openapiObject : {}),
    openapi: {
      openapi: '3.1.0',
      info: {
        title: options.title,
        version: options.version,
        description: options.description,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: { key: { type: 'http', scheme: 'bearer', bearerFormat: 'baro_…' } },
      },
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  answerProblems(app, options)
  return app
}

/**
 * Takes no more connections and waits for the answers under way. Connections whose last answer went out meanwhile are
 * ended too: Node alone would wait for them for as long as they may be kept alive.
 */
export async function closeServer(app: Server): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS)
  await app.close().finally(() => clearInterval(sweep))
}

/** Only JSON has a parser, so that every other content type is a 415 before a handler sees it. */
function keepOnlyJson(app: Server): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  // Many clients name JSON also where they send no body; whether one is needed, the schema says.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null) : parse(request, String(body), done),
  )
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
}

function answerProblems(
  app: Server,
  { onFailure, onProblem }: Pick<ServerOptions, 'onFailure' | 'onProblem'>,
): void {
  const answer = (reply: FastifyReply, fault: Fault) => {
    onProblem(fault.code)
    const retryAfter = retryAfterOf(fault)
    if (retryAfter !== undefined && !reply.hasHeader('retry-after'))
      reply.header('retry-after', retryAfter)
    if (fault.code === 'unauthorised') reply.header('www-authenticate', 'Bearer')
    return reply
      .code(FAULTS[fault.code].status)
      .type(PROBLEM_TYPE)
      .send(JSON.stringify(problemOf(fault, reply.request.id)))
  }
  app.setErrorHandler((error, request, reply) => {
    const fault = faultOf(error)
    if (FAULTS[fault.code].status >= 500)
      onFailure({
        err: fault.cause ?? fault,
        request_id: request.id,
        route: request.routeOptions.url,
      })
    return answer(reply, fault)
  })
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?')
    const allowed = (['GET', 'POST', 'DELETE'] as const).filter(
      (method) => app.findRoute({ method, url: path }) !== null,
    )
    if (allowed.length > 0) reply.header('allow', allowed.join(', '))
    const code = allowed.length > 0 ? 'method_not_allowed' : 'not_found'
    return answer(reply, new Fault(code, `No ${request.method} ${path}`))
  })
}

/** No frame, no foreign script, no referrer that carries a pay code. */
function securityHeaders(isHttps: boolean) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' as const },
    strictTransportSecurity: isHttps ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    crossOriginOpenerPolicy: { policy: 'same-origin' as const },
  } as const
}
