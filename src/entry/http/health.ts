import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import type { HttpContext } from './context.ts'

const CHECK_LIMIT_MS = 3_000

const Readiness = Type.Object(
  {
    status: Type.Unsafe<'ready' | 'not_ready'>(Type.String({ enum: ['ready', 'not_ready'] })),
    checks: Type.Record(Type.String(), Type.Unsafe<'ok' | 'failed'>(Type.String())),
  },
  { title: 'Readiness', description: 'What was asked, and what answered' },
)

/** `/health/live`: the process runs. `/health/ready`: what it needs to take a sale answers too. */
export function healthRoutes({ checks }: HttpContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/health/live',
      {
        schema: {
          operationId: 'getLiveness',
          summary: 'Whether the process runs',
          tags: ['health'],
          response: {
            200: Type.Object(
              { status: Type.Literal('live') },
              { title: 'Liveness', description: 'The process runs' },
            ),
          },
        },
      },
      async () => ({ status: 'live' as const }),
    )
    app.get(
      '/health/ready',
      {
        schema: {
          operationId: 'getReadiness',
          summary: 'Whether a sale can be taken now',
          tags: ['health'],
          response: { 200: Readiness, 503: Readiness },
        },
      },
      async (_request, reply) => {
        const results = await Promise.all(
          Object.entries(checks).map(async ([name, check]) => [name, await runs(check)] as const),
        )
        const isReady = results.every(([, result]) => result === 'ok')
        return reply
          .code(isReady ? 200 : 503)
          .send({ status: isReady ? 'ready' : 'not_ready', checks: Object.fromEntries(results) })
      },
    )
  }
}

async function runs(check: () => Promise<void>): Promise<'ok' | 'failed'> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<'failed'>((resolve) => {
    timer = setTimeout(() => resolve('failed'), CHECK_LIMIT_MS)
  })
  const result = check().then(
    () => 'ok' as const,
    () => 'failed' as const,
  )
  return Promise.race([result, limit]).finally(() => clearTimeout(timer))
}
