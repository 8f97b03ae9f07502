import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { type Endpoint, listEndpoints, listEvents } from '../../domains/webhooks/store.ts'
import { registerEndpoint } from '../../flows/register-endpoint.ts'
import { actorOf, requireScope } from './actor.ts'
import { Instant, idOf, PROBLEMS } from './atoms.ts'
import type { HttpContext } from './context.ts'

const EventId = Type.Unsafe<`evt_${string}`>(Type.String({ pattern: '^evt_[0-9a-z]{26}$' }))
const EndpointSchema = Type.Object(
  {
    id: idOf('whe'),
    object: Type.Literal('webhook_endpoint'),
    url: Type.String(),
    created_at: Instant,
    secret: Type.Optional(Type.String({ description: 'Shown once, when the endpoint is made' })),
  },
  { title: 'WebhookEndpoint', description: 'Where events go' },
)
const EventSchema = Type.Object(
  {
    id: EventId,
    type: Type.String(),
    timestamp: Instant,
    api_version: Type.String(),
    sequence: Type.Integer(),
    data: Type.Object({
      object: Type.Unknown({ description: 'The invoice or the payment, as it was at that moment' }),
    }),
  },
  { title: 'Event', description: 'Something that happened; its body never changes' },
)
const NewEndpoint = Type.Object(
  { url: Type.String({ minLength: 1, maxLength: 2_048 }) },
  { additionalProperties: false, title: 'NewWebhookEndpoint' },
)
const EndpointList = Type.Object(
  { data: Type.Array(EndpointSchema) },
  { title: 'WebhookEndpointList', description: 'All endpoints that are active' },
)
const EventList = Type.Object(
  { data: Type.Array(EventSchema), has_more: Type.Boolean() },
  { title: 'EventList', description: 'A page of events, oldest first' },
)
const KEY_SECURITY = [{ key: [] }]
const DEFAULT_PAGE = 100

export function webhookRoutes({ deps }: HttpContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/webhook-endpoints',
      {
        onRequest: requireScope(deps, 'webhooks:write'),
        schema: {
          operationId: 'createWebhookEndpoint',
          summary: 'Say where events go (Standard Webhooks)',
          tags: ['webhooks'],
          security: KEY_SECURITY,
          body: NewEndpoint,
          response: { 201: EndpointSchema, ...PROBLEMS },
        },
      },
      async (request, reply) => {
        const endpoint = await registerEndpoint(deps, actorOf(request).merchantId, request.body.url)
        return reply.code(201).send({ ...endpointAnswer(endpoint), secret: endpoint.secret })
      },
    )

    app.get(
      '/v1/webhook-endpoints',
      {
        onRequest: requireScope(deps, 'webhooks:write'),
        schema: {
          operationId: 'listWebhookEndpoints',
          summary: 'List where events go',
          tags: ['webhooks'],
          security: KEY_SECURITY,
          response: { 200: EndpointList, ...PROBLEMS },
        },
      },
      async (request) => {
        const endpoints = await listEndpoints(deps.db, actorOf(request).merchantId)
        return { data: endpoints.map(endpointAnswer) }
      },
    )

    app.get(
      '/v1/events',
      {
        onRequest: requireScope(deps, 'webhooks:write'),
        schema: {
          operationId: 'listEvents',
          summary: 'Pull events in the order in which they happened',
          tags: ['webhooks'],
          security: KEY_SECURITY,
          querystring: Type.Object(
            {
              starting_after: Type.Optional(EventId),
              limit: Type.Optional(Type.String({ pattern: '^([1-9][0-9]?|100)$' })),
            },
            { additionalProperties: false },
          ),
          response: { 200: EventList, ...PROBLEMS },
        },
      },
      async (request) => {
        const { merchantId } = actorOf(request)
        const limit = Number(request.query.limit ?? DEFAULT_PAGE)
        const after = request.query.starting_after
        const events = await listEvents(deps.db, merchantId, after, limit + 1)
        return {
          data: events.slice(0, limit).map((event) => JSON.parse(event.body)),
          has_more: events.length > limit,
        }
      },
    )
  }
}

function endpointAnswer(endpoint: Endpoint) {
  return {
    id: endpoint.id,
    object: 'webhook_endpoint' as const,
    url: endpoint.url,
    created_at: endpoint.createdAt.toISOString(),
  }
}
