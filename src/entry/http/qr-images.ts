import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { qrMatrix, qrPng, qrSvg, qrText } from '../../domains/invoices/qr.ts'
import { getInvoiceByCode } from '../../domains/invoices/store.ts'
import { normalPayCode } from '../../kernel/ids.ts'
import { PayCode, PROBLEMS } from './atoms.ts'
import type { HttpContext } from './context.ts'
import { payUrlOf } from './view.ts'

const DEFAULT_SCALE = 8
/** The symbol of a code never changes. */
const FOR_EVER = 'public, max-age=31536000, immutable'

const OneCode = Type.Object({ code: PayCode }, { additionalProperties: false })
const PngQuery = Type.Object(
  {
    scale: Type.Optional(
      Type.String({
        pattern: '^([1-9]|[12][0-9]|3[0-2])$',
        description: 'Pixels a module, 1 to 32; 8 when absent',
      }),
    ),
  },
  { additionalProperties: false },
)
const image = (type: string, description: string) => ({
  description,
  content: { [type]: { schema: Type.Unsafe<unknown>(Type.String({ contentMediaType: type })) } },
})

/** The QR symbol of an invoice as SVG, PNG and text. */
export function qrImageRoutes(context: HttpContext): FastifyPluginAsyncTypebox {
  const { deps } = context
  const matrixOf = async (code: string) => {
    const invoice = await getInvoiceByCode(deps.db, normalPayCode(code))
    return qrMatrix(payUrlOf(context, invoice.code))
  }
  return async (app) => {
    const schema = { tags: ['checkout'], params: OneCode }
    app.get(
      '/p/:code/qr.svg',
      {
        schema: {
          ...schema,
          operationId: 'getQrSvg',
          summary: 'The QR code as SVG',
          response: { 200: image('image/svg+xml', 'The symbol as SVG'), ...PROBLEMS },
        },
      },
      async (request, reply) => {
        const svg = qrSvg(await matrixOf(request.params.code))
        return reply.header('cache-control', FOR_EVER).type('image/svg+xml').send(svg)
      },
    )
    app.get(
      '/p/:code/qr.png',
      {
        schema: {
          ...schema,
          operationId: 'getQrPng',
          summary: 'The QR code as a one-bit PNG',
          querystring: PngQuery,
          response: { 200: image('image/png', 'The symbol as PNG'), ...PROBLEMS },
        },
      },
      async (request, reply) => {
        const scale = Number(request.query.scale ?? DEFAULT_SCALE)
        const png = qrPng(await matrixOf(request.params.code), scale)
        return reply.header('cache-control', FOR_EVER).type('image/png').send(png)
      },
    )
    app.get(
      '/p/:code/qr.txt',
      {
        schema: {
          ...schema,
          operationId: 'getQrText',
          summary: 'The QR code in half blocks, for a terminal with a dark screen',
          response: { 200: image('text/plain', 'The symbol as UTF-8 text'), ...PROBLEMS },
        },
      },
      async (request, reply) => {
        const text = qrText(await matrixOf(request.params.code))
        return reply.header('cache-control', FOR_EVER).type('text/plain; charset=utf-8').send(text)
      },
    )
  }
}
