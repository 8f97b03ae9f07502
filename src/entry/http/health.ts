import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import type { CheckState, Readiness } from '../../kernel/health.ts'
import type { HttpContext } from './context.ts'

const CheckSchema = Type.Object(
  {
    state: Type.Unsafe<CheckState>(Type.String({ enum: ['ok', 'degraded', 'failed'] })),
    detail: Type.String({ description: 'What holds, or what to do next' }),
  },
  { title: 'Check', description: 'What one check found' },
)
const ReadinessSchema = Type.Object(
  {
    status: Type.Unsafe<Readiness['status']>(
      Type.String({ enum: ['ready', 'degraded', 'not_ready'] }),
    ),
    checks: Type.Record(Type.String(), CheckSchema),
  },
  { title: 'Readiness', description: 'What was asked, and what answered' },
)

/** `/health/live`: the process runs. `/health/ready`: what it needs to take a sale answers too. */
export function healthRoutes({ readiness }: HttpContext): FastifyPluginAsyncTypebox {
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
          description:
            'A `degraded` gateway takes sales: a chain without blocks, say, settles them later.',
          tags: ['health'],
          response: { 200: ReadinessSchema, 503: ReadinessSchema },
        },
      },
      async (_request, reply) => {
        const found = await readiness()
        return reply.code(found.status === 'not_ready' ? 503 : 200).send(found)
      },
    )
  }
}
