import type { FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import type { Invoice } from '../../domains/invoices/invoice.ts'
import type { Payment } from '../../domains/payments/payment.ts'
import { SECOND_MS } from '../../kernel/time.ts'
import type { HttpContext } from './context.ts'

const DEFAULT_WAIT_SECONDS = 20

export const WaitQuery = Type.Object(
  {
    after_version: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,9}$',
        description: 'Answer only when the version is higher, or when the time to wait is over',
      }),
    ),
    wait_seconds: Type.Optional(
      Type.String({ pattern: '^([0-9]|[12][0-9]|30)$', description: '0 to 30; 20 when absent' }),
    ),
  },
  { additionalProperties: false },
)

/** An invoice and its newest payment, read at one moment. */
export type Sale = { readonly invoice: Invoice; readonly payment: Payment | undefined }

/** Reads a sale; when the caller knows this version, waits for the next one on shared state and reads again. */
export async function waitForChange(
  context: Pick<HttpContext, 'watch'>,
  request: FastifyRequest,
  query: Static<typeof WaitQuery>,
  read: () => Promise<Sale>,
): Promise<Sale> {
  const sale = await read()
  const { invoice } = sale
  if (query.after_version === undefined || invoice.version > Number(query.after_version))
    return sale
  const gone = new AbortController()
  const leave = () => gone.abort()
  request.raw.once('close', leave)
  const seconds = Number(query.wait_seconds ?? DEFAULT_WAIT_SECONDS)
  await context.watch.change(invoice.id, invoice.version, seconds * SECOND_MS, gone.signal)
  request.raw.off('close', leave)
  return read()
}
