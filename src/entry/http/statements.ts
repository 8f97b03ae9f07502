import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type, { type Static } from 'typebox'
import { statementCsv } from '../../domains/reports/csv.ts'
import type { Statement, StatementRow, Totals } from '../../domains/reports/statement.ts'
import { reportDay } from '../../flows/report-day.ts'
import { wonToJson } from '../../kernel/money.ts'
import { seoulTime } from '../../kernel/time.ts'
import { actorOf, requireScope } from './actor.ts'
import { AddressText, Day, HashText, idOf, Nullable, PROBLEMS } from './atoms.ts'
import type { HttpContext } from './context.ts'

const SignedWon = Type.Integer({ description: 'Whole won; negative when it leaves the merchant' })
const TotalsSchema = Type.Object(
  { count: Type.Integer(), gross: SignedWon, fee: SignedWon, net: SignedWon },
  { title: 'StatementTotals' },
)
const RowSchema = Type.Object(
  {
    row_id: Type.String(),
    type: Type.Literal('sale'),
    store_id: idOf('sto'),
    terminal_id: idOf('ter'),
    invoice_id: idOf('inv'),
    order_id: Nullable(Type.String()),
    payment_id: idOf('pay'),
    settled_at: Type.String({ description: 'Block time, in Seoul' }),
    gross: SignedWon,
    tax_free: SignedWon,
    vat: SignedWon,
    fee: SignedWon,
    net: SignedWon,
    currency: Type.Literal('KRW'),
    chain_id: Type.Integer(),
    tx_hash: HashText,
    block_number: Type.Integer(),
    log_index: Type.Integer(),
    payer: AddressText,
  },
  { title: 'StatementRow' },
)
export const StatementSchema = Type.Object(
  {
    object: Type.Literal('statement'),
    merchant_id: idOf('mer'),
    day: Day,
    status: Type.Unsafe<'open' | 'closed'>(Type.String({ enum: ['open', 'closed'] })),
    up_to_block: Nullable(Type.Integer()),
    rows: Type.Array(RowSchema),
    totals: TotalsSchema,
    ledger: TotalsSchema,
    chain: Type.Object({ count: Type.Integer(), gross: SignedWon }),
    matches: Type.Boolean({ description: 'Whether rows, ledger and chain say the same' }),
  },
  { title: 'Statement', description: 'The settlement report of one Seoul day' },
)

export function statementRoutes(context: HttpContext): FastifyPluginAsyncTypebox {
  const { deps } = context
  const params = Type.Object({ day: Day }, { additionalProperties: false })
  return async (app) => {
    app.get(
      '/v1/statements/:day',
      {
        onRequest: requireScope(deps, 'statements:read'),
        schema: {
          operationId: 'getStatement',
          summary: 'The settlement report of a day, as JSON or, with Accept: text/csv, as CSV',
          tags: ['statements'],
          security: [{ key: [] }],
          params,
          querystring: Type.Object(
            {
              format: Type.Optional(
                Type.Unsafe<'json' | 'csv'>(Type.String({ enum: ['json', 'csv'] })),
              ),
            },
            { additionalProperties: false },
          ),
          response: {
            200: {
              description: 'The settlement report of one Seoul day',
              content: {
                'application/json': { schema: StatementSchema },
                'text/csv': { schema: Type.String() },
              },
            },
            ...PROBLEMS,
          },
        },
      },
      async (request, reply) => {
        const { day } = request.params
        const statement = await reportDay(deps, actorOf(request).merchantId, day)
        const wantsCsv =
          request.query.format === 'csv' || /text\/csv/.test(request.headers.accept ?? '')
        if (!wantsCsv) return statementAnswer(statement)
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="baro-statement-${day}.csv"`)
          .send(statementCsv(statement))
      },
    )
  }
}

function totalsAnswer(totals: Totals): Static<typeof TotalsSchema> {
  return {
    count: totals.count,
    gross: wonToJson(totals.gross),
    fee: wonToJson(totals.fee),
    net: wonToJson(totals.net),
  }
}

function rowAnswer(row: StatementRow): Static<typeof RowSchema> {
  return {
    row_id: row.rowId,
    type: row.type,
    store_id: row.storeId,
    terminal_id: row.terminalId,
    invoice_id: row.invoiceId,
    order_id: row.orderId ?? null,
    payment_id: row.paymentId,
    settled_at: seoulTime(row.settledAt),
    gross: wonToJson(row.gross),
    tax_free: wonToJson(row.taxFree),
    vat: wonToJson(row.vat),
    fee: wonToJson(row.fee),
    net: wonToJson(row.net),
    currency: 'KRW',
    chain_id: row.chainId,
    tx_hash: row.txHash,
    block_number: Number(row.blockNumber),
    log_index: row.logIndex,
    payer: row.payer,
  }
}

function statementAnswer(statement: Statement): Static<typeof StatementSchema> {
  return {
    object: 'statement',
    merchant_id: statement.merchantId,
    day: statement.day,
    status: statement.status,
    up_to_block: statement.upToBlock === undefined ? null : Number(statement.upToBlock),
    rows: statement.rows.map(rowAnswer),
    totals: totalsAnswer(statement.totals),
    ledger: totalsAnswer(statement.ledger),
    chain: { count: statement.chain.count, gross: wonToJson(statement.chain.gross) },
    matches: statement.matches,
  }
}
