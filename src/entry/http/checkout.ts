import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type, { type Static } from 'typebox'
import { getInvoiceByCode } from '../../domains/invoices/store.ts'
import type { Payment } from '../../domains/payments/payment.ts'
import { findLatestPayment } from '../../domains/payments/store.ts'
import type { Authorise, Authorised } from '../../flows/authorise-payment.ts'
import type { Deps } from '../../flows/deps.ts'
import { offerTerms } from '../../flows/offer-terms.ts'
import type { Hex } from '../../kernel/hex.ts'
import { normalPayCode } from '../../kernel/ids.ts'
import { vatOf, wonToJson } from '../../kernel/money.ts'
import type { Signer } from '../../kernel/signer.ts'
import { paymentDigest, paymentTypedDataJson } from '../../platform/chain/typed-data.ts'
import { AddressText, Instant, PayCode, PROBLEMS } from './atoms.ts'
import type { HttpContext } from './context.ts'
import { type Sale, WaitQuery, waitForChange } from './long-poll.ts'
import { CheckoutSchema } from './schemas.ts'
import { secondsLeft } from './view.ts'

const OneCode = Type.Object({ code: PayCode }, { additionalProperties: false })
const Payer = Type.Object(
  { payer: AddressText },
  { additionalProperties: false, title: 'Payer', description: 'Who pays' },
)
const Confirmation = Type.Object(
  {
    payer: AddressText,
    signature: Type.String({
      pattern: '^0x([0-9a-fA-F]{128}|[0-9a-fA-F]{130})$',
      description: 'eth_signTypedData_v4 over the terms, by the payer: 65 bytes, or 64 (EIP-2098)',
    }),
  },
  { additionalProperties: false, title: 'Confirmation', description: 'The signed terms' },
)
const TypedFields = Type.Unsafe<readonly { readonly name: string; readonly type: string }[]>(
  Type.Array(Type.Object({ name: Type.String(), type: Type.String() })),
)
const TypedData = Type.Object(
  {
    types: Type.Object({ EIP712Domain: TypedFields, Payment: TypedFields }),
    primaryType: Type.Literal('Payment'),
    domain: Type.Object({
      name: Type.String(),
      version: Type.String(),
      chainId: Type.Integer(),
      verifyingContract: AddressText,
    }),
    message: Type.Object({
      merchant: AddressText,
      amount: Type.String({ pattern: '^[0-9]+$', description: 'Whole won, in digits' }),
      nonce: Type.Integer(),
      validBefore: Type.Integer({ description: 'Unix seconds' }),
      invoice: Type.String({ pattern: '^0x[0-9a-f]{32}$' }),
    }),
  },
  { title: 'PaymentTypedData', description: 'What to hand to eth_signTypedData_v4 (EIP-712)' },
)
const Terms = Type.Object(
  {
    payer: AddressText,
    expires_at: Instant,
    typed_data: TypedData,
  },
  { title: 'Terms', description: 'What the payer is to sign, and until when' },
)

/** What a phone without a key may ask: the code is 130 random bits. */
export function checkoutRoutes(context: HttpContext): FastifyPluginAsyncTypebox {
  const { deps, demoShopper, publicRequestsPerMinute } = context
  const config =
    publicRequestsPerMinute === 0
      ? {}
      : { rateLimit: { max: publicRequestsPerMinute, timeWindow: 60_000 } }
  return async (app) => {
    app.get(
      '/v1/checkout/:code',
      {
        config,
        schema: {
          operationId: 'getCheckout',
          summary: 'What a shopper sees, or waits for',
          tags: ['checkout'],
          params: OneCode,
          querystring: WaitQuery,
          response: { 200: CheckoutSchema, ...PROBLEMS },
        },
      },
      async (request) => {
        const code = normalPayCode(request.params.code)
        const read = () => readSale(deps, code)
        return answerCheckout(context, await waitForChange(context, request, request.query, read))
      },
    )

    app.post(
      '/v1/checkout/:code/terms',
      {
        config,
        schema: {
          operationId: 'offerTerms',
          summary: 'Name the payer and get what to sign',
          tags: ['checkout'],
          params: OneCode,
          body: Payer,
          response: { 200: Terms, ...PROBLEMS },
        },
      },
      async (request) => {
        const payer = lowerCase(request.body.payer)
        const offered = await offerTerms(deps, normalPayCode(request.params.code), payer)
        return {
          payer,
          expires_at: offered.invoice.expiresAt.toISOString(),
          typed_data: paymentTypedDataJson(deps.chain.domain, offered.message),
        }
      },
    )

    app.post(
      '/v1/checkout/:code/payments',
      {
        config,
        schema: {
          operationId: 'confirmPayment',
          summary: 'Pay: hand in the signed terms',
          description: 'A 202 means that the payment is stored and will settle or be refused.',
          tags: ['checkout'],
          params: OneCode,
          body: Confirmation,
          response: { 202: CheckoutSchema, ...PROBLEMS },
        },
      },
      async (request, reply) => {
        const code = normalPayCode(request.params.code)
        const payer = lowerCase(request.body.payer)
        const { signature } = request.body
        const chainState = await context.chainWatch.state()
        const sale = await authorise(context, { code, payer, signature, chainState })
        return reply.code(202).send(await answerAuthorised(context, sale))
      },
    )

    if (demoShopper === undefined) return
    app.post(
      '/v1/checkout/:code/demo-payments',
      {
        config,
        schema: {
          hide: true,
          params: OneCode,
          response: { 202: CheckoutSchema, ...PROBLEMS },
        },
      },
      async (request, reply) => {
        const code = normalPayCode(request.params.code)
        const sale = await payAsDemoShopper(context, demoShopper, code)
        return reply.code(202).send(await answerAuthorised(context, sale))
      },
    )
  }
}

function authorise(
  context: HttpContext,
  confirmation: Parameters<Authorise>[0],
): Promise<Authorised> {
  const { tracer } = context.deps
  return tracer.span('authorise payment', {}, () => context.authorise(confirmation))
}

/** Does what a phone with a wallet does, with the demo shopper's key. */
async function payAsDemoShopper(
  context: HttpContext,
  shopper: Signer,
  code: string,
): Promise<Authorised> {
  const { deps } = context
  const payer = shopper.address
  const { message } = await offerTerms(deps, code, payer)
  const { r, s, yParity } = await shopper.sign(paymentDigest(deps.chain.domain, message))
  const signature: Hex = `0x${r.slice(2)}${s.slice(2)}${yParity === 0 ? '1b' : '1c'}`
  return authorise(context, {
    code,
    payer,
    signature,
    chainState: await context.chainWatch.state(),
  })
}

/** A payment of an earlier confirmation may have come further: it is read anew with its invoice. */
async function answerAuthorised(context: HttpContext, { isNew, invoice, payment }: Authorised) {
  return answerCheckout(
    context,
    isNew ? { invoice, payment } : await readSale(context.deps, invoice.code),
  )
}

function readSale(deps: Pick<Deps, 'db'>, code: string): Promise<Sale> {
  return deps.db.snapshot(async (tx) => {
    const invoice = await getInvoiceByCode(tx, code)
    return { invoice, payment: await findLatestPayment(tx, invoice.id) }
  })
}

async function answerCheckout(
  context: HttpContext,
  { invoice, payment }: Sale,
): Promise<Static<typeof CheckoutSchema>> {
  const { deps } = context
  const [seller, chainState] = await Promise.all([
    context.nameSeller(invoice.id),
    context.chainWatch.state(payment?.settledAt),
  ])
  return {
    object: 'checkout',
    code: invoice.code,
    status: invoice.status,
    version: invoice.version,
    ...seller,
    amount: wonToJson(invoice.amount),
    vat: wonToJson(vatOf(invoice.amount, invoice.taxFreeAmount)),
    currency: 'KRW',
    description: invoice.description ?? null,
    expires_at: invoice.expiresAt.toISOString(),
    expires_in_seconds: secondsLeft(invoice, deps.clock.now()),
    chain: { chain_id: deps.chain.chainId, token: deps.chain.token, state: chainState },
    demo_shopper: context.demoShopper !== undefined,
    payment: payment === undefined ? null : publicPayment(payment),
  }
}

function publicPayment(payment: Payment) {
  return {
    status: payment.status,
    reason: payment.reason ?? null,
    tx_hash: payment.txHash ?? null,
    block_number: payment.blockNumber === undefined ? null : Number(payment.blockNumber),
    approved_at: payment.approvedAt?.toISOString() ?? null,
    settled_at: payment.settledAt?.toISOString() ?? null,
  }
}

function lowerCase(address: Hex): Hex {
  return address.toLowerCase() as Hex
}
