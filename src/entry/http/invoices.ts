import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import {
  DEFAULT_LIFETIME_SECONDS,
  type Invoice,
  MAX_LIFETIME_SECONDS,
  MIN_LIFETIME_SECONDS,
} from '../../domains/invoices/invoice.ts'
import { getMerchantInvoice, listInvoices } from '../../domains/invoices/store.ts'
import { answerOnce } from '../../domains/merchants/idempotency.ts'
import { findLatestPayment, latestPayments } from '../../domains/payments/store.ts'
import { cancelInvoice } from '../../flows/cancel-invoice.ts'
import { createInvoice } from '../../flows/create-invoice.ts'
import { Fault } from '../../kernel/errors.ts'
import type { InvoiceId } from '../../kernel/ids.ts'
import { won, wonFromJson } from '../../kernel/money.ts'
import { seoulDayBounds } from '../../kernel/time.ts'
import type { Db, Queryable } from '../../platform/db/db.ts'
import { actorOf, requireScope } from './actor.ts'
import { Day, idOf, PlainText, PROBLEMS, WonAmount, WonPart } from './atoms.ts'
import type { HttpContext } from './context.ts'
import { WaitQuery, waitForChange } from './long-poll.ts'
import {
  ChainStateSchema,
  InvoiceSchema,
  InvoiceStatusSchema,
  Metadata,
  OrderId,
} from './schemas.ts'
import { invoiceAnswer } from './view.ts'

const KEY_SECURITY = [{ key: [] }]
const DEFAULT_PAGE = 20

const NewInvoice = Type.Object(
  {
    amount: WonAmount,
    terminal_id: Type.Optional(idOf('ter')),
    order_id: Type.Optional(OrderId),
    description: Type.Optional(PlainText(200, 'Shown to the shopper')),
    tax_free_amount: Type.Optional(WonPart),
    metadata: Type.Optional(Metadata),
    lifetime_seconds: Type.Optional(
      Type.Integer({
        minimum: MIN_LIFETIME_SECONDS,
        maximum: MAX_LIFETIME_SECONDS,
        description: `${DEFAULT_LIFETIME_SECONDS} when absent`,
      }),
    ),
  },
  { additionalProperties: false, title: 'NewInvoice' },
)
const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]{1,255}$',
      description: 'The same key and body answer the same, however often they are sent',
    }),
  ),
})
const OneInvoice = Type.Object({ id: idOf('inv') }, { additionalProperties: false })
const InvoiceList = Type.Object(
  { data: Type.Array(InvoiceSchema), has_more: Type.Boolean(), chain_state: ChainStateSchema },
  { title: 'InvoiceList', description: 'A page of invoices, newest first' },
)
const ListQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9][0-9]?|100)$', description: '1 to 100; 20 when absent' }),
    ),
    starting_after: Type.Optional(idOf('inv')),
    status: Type.Optional(InvoiceStatusSchema),
    terminal_id: Type.Optional(idOf('ter')),
    order_id: Type.Optional(OrderId),
    day: Type.Optional(Day),
  },
  { additionalProperties: false },
)

export function invoiceRoutes(context: HttpContext): FastifyPluginAsyncTypebox {
  const { deps, chainWatch } = context
  return async (app) => {
    app.post(
      '/v1/invoices',
      {
        onRequest: requireScope(deps, 'invoices:write'),
        schema: {
          operationId: 'createInvoice',
          summary: 'Open an invoice at a terminal',
          tags: ['invoices'],
          security: KEY_SECURITY,
          headers: IdempotencyHeaders,
          body: NewInvoice,
          response: { 201: InvoiceSchema, ...PROBLEMS },
        },
      },
      (request, reply) => answerCreate(context, request, request.body, reply),
    )

    app.get(
      '/v1/invoices/:id',
      {
        onRequest: requireScope(deps, 'invoices:read'),
        schema: {
          operationId: 'getInvoice',
          summary: 'Read an invoice, or wait for it to change',
          tags: ['invoices'],
          security: KEY_SECURITY,
          params: OneInvoice,
          querystring: WaitQuery,
          response: { 200: InvoiceSchema, ...PROBLEMS },
        },
      },
      async (request) => {
        const read = () =>
          deps.db.snapshot(async (tx) => {
            const invoice = await readOwn(tx, request, request.params.id)
            return { invoice, payment: await findLatestPayment(tx, invoice.id) }
          })
        const sale = await waitForChange(context, request, request.query, read)
        return invoiceAnswer(context, sale, await chainWatch.state(sale.payment?.settledAt))
      },
    )

    app.get(
      '/v1/invoices',
      {
        onRequest: requireScope(deps, 'invoices:read'),
        schema: {
          operationId: 'listInvoices',
          summary: 'List invoices, newest first',
          tags: ['invoices'],
          security: KEY_SECURITY,
          querystring: ListQuery,
          response: { 200: InvoiceList, ...PROBLEMS },
        },
      },
      (request) => answerList(context, request, request.query),
    )

    app.post(
      '/v1/invoices/:id/cancel',
      {
        onRequest: requireScope(deps, 'invoices:write'),
        schema: {
          operationId: 'cancelInvoice',
          summary: 'Cancel an open invoice',
          tags: ['invoices'],
          security: KEY_SECURITY,
          params: OneInvoice,
          response: { 200: InvoiceSchema, ...PROBLEMS },
        },
      },
      async (request) => {
        const before = await readOwn(deps.db, request, request.params.id)
        const invoice = await cancelInvoice(deps, before.merchantId, before.id)
        const sale = { invoice, payment: undefined }
        return invoiceAnswer(context, sale, await chainWatch.state())
      },
    )
  }
}

/** An invoice that this key may see: its merchant's and, for a terminal key, its own terminal's. */
async function readOwn(db: Queryable, request: FastifyRequest, id: InvoiceId): Promise<Invoice> {
  const { merchantId, terminalId } = actorOf(request)
  const invoice = await getMerchantInvoice(db, merchantId, id)
  if (terminalId !== undefined && invoice.terminalId !== terminalId)
    throw new Fault('forbidden', "This is another terminal's invoice")
  return invoice
}

async function answerCreate(
  context: HttpContext,
  request: FastifyRequest,
  body: Static<typeof NewInvoice>,
  reply: FastifyReply,
) {
  const { deps } = context
  const { merchantId, terminalId: ownTerminal } = actorOf(request)
  const terminalId = body.terminal_id ?? ownTerminal
  if (terminalId === undefined)
    throw new Fault('invalid_request', 'Say at which terminal the sale is', {
      fields: [{ field: '/terminal_id', code: 'missing' }],
    })
  if (ownTerminal !== undefined && terminalId !== ownTerminal)
    throw new Fault('forbidden', 'A terminal key opens invoices at its own terminal only')
  const chainState = await context.chainWatch.state()
  const create = async (db: Db) => {
    const invoice = await createInvoice(
      { ...deps, db },
      {
        merchantId,
        terminalId,
        amount: wonFromJson(body.amount),
        taxFreeAmount: won(BigInt(body.tax_free_amount ?? 0)),
        orderId: body.order_id,
        description: body.description,
        metadata: body.metadata ?? {},
        lifetimeSeconds: body.lifetime_seconds ?? DEFAULT_LIFETIME_SECONDS,
      },
    )
    return {
      status: 201,
      body: invoiceAnswer(context, { invoice, payment: undefined }, chainState),
    }
  }
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string') return reply.code(201).send((await create(deps.db)).body)
  // The terminal of the key is part of what is asked: two tills must not share an answer.
  const asked = { ...body, terminal_id: terminalId }
  const keyed = { merchantId, key, route: 'POST /v1/invoices', body: asked }
  const answer = await answerOnce(deps.db, keyed, deps.clock.now(), create)
  if (answer.replayed) reply.header('idempotent-replayed', 'true')
  return reply.code(201).send(answer.body)
}

async function answerList(
  context: HttpContext,
  request: FastifyRequest,
  query: Static<typeof ListQuery>,
) {
  const { deps } = context
  const { merchantId, terminalId: ownTerminal } = actorOf(request)
  const limit = Number(query.limit ?? DEFAULT_PAGE)
  const bounds = query.day === undefined ? undefined : seoulDayBounds(query.day)
  if (query.day !== undefined && bounds === undefined)
    throw new Fault('invalid_request', `${query.day} is not a day`, {
      fields: [{ field: 'day', code: 'not_a_day' }],
    })
  const chainState = await context.chainWatch.state()
  return deps.db.snapshot(async (tx) => {
    const invoices = await listInvoices(tx, {
      merchantId,
      terminalId: ownTerminal ?? query.terminal_id,
      status: query.status,
      orderId: query.order_id,
      from: bounds?.from,
      to: bounds?.to,
      startingAfter: query.starting_after,
      limit: limit + 1,
    })
    const page = invoices.slice(0, limit)
    const payments = await latestPayments(
      tx,
      page.map((invoice) => invoice.id),
    )
    return {
      data: page.map((invoice) =>
        invoiceAnswer(context, { invoice, payment: payments.get(invoice.id) }, chainState),
      ),
      has_more: invoices.length > limit,
      chain_state: chainState,
    }
  })
}
