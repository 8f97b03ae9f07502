import pg from 'pg'
import type { Hex } from '../../../src/kernel/hex.ts'
import type { PaymentRow, Rows } from './rows.ts'
import { type Statement, statement, unnest } from './statement.ts'

const LIVE = ['authorised', 'settling', 'settled', 'review']
/** Those that nobody took for so long are everybody's. */
const ANYBODYS_MS = 1_000

type Share = [number, number, ...unknown[]]

/** Statements about payments, with the two unique indexes that keep them single. */
export const PAYMENT_STATEMENTS: readonly Statement[] = [
  statement<unknown[][]>('insert into payments', (rows, columns) => {
    for (const values of unnest<unknown[]>(...columns)) insert(rows, paymentOf(rows, values))
    return []
  }),
  statement<[string[]]>('select distinct on (invoice_id) * from payments', (rows, [ids]) =>
    newest(
      rows.payments.filter((one) => ids.includes(one.invoice_id)),
      'invoice_id',
    ),
  ),
  statement<[Hex[]]>('select distinct on (chain_invoice) * from payments', (rows, [invoices]) =>
    newest(
      rows.payments.filter(
        (one) => invoices.includes(one.chain_invoice) && one.status !== 'refused',
      ),
      'chain_invoice',
    ),
  ),
  statement<[Hex[]]>('select payer, sum(amount)::bigint as total', ({ payments }, [payers]) =>
    [...new Set(payers)].flatMap((payer) => {
      const promised = payments.filter(
        (one) => one.payer === payer && (one.status === 'authorised' || one.status === 'settling'),
      )
      const total = promised.reduce((sum, one) => sum + one.amount, 0n)
      return promised.length === 0 ? [] : [{ payer, total }]
    }),
  ),
  statement<[number, number, number, number, readonly string[], number]>(
    "select * from payments where chain_id = $1 and (status = 'authorised'",
    (rows, [, of, , index, aside, limit]) =>
      waiting(rows, of, index)
        .filter((one) => !aside.includes(one.id))
        .slice(0, limit),
  ),
  statement<[number, ...Share]>(
    'select count(*)::int as waiting',
    (rows, [, of, , index, limit]) => {
      const found = waiting(rows, of, Number(index)).slice(0, Number(limit))
      return [{ waiting: found.length, oldest: found[0]?.created_at ?? null }]
    },
  ),
  statement<[string, string[], string[]]>(
    "update payments set status = 'settling', batch_id",
    (rows, [batch_id, ids, sources]) =>
      ids.flatMap((id) => {
        const one = rows.payments.get(id)
        if (one === undefined) return []
        const isFree = one.status === 'settling' && one.batch_id === null
        if (!sources.includes(one.status) && !isFree) return []
        return [moved(rows, one, { status: 'settling', batch_id })]
      }),
  ),
  statement<[string]>('update payments set batch_id = null', (rows, [batchId]) =>
    ridersOf(rows, batchId).map((one) => moved(rows, one, { batch_id: null })),
  ),
  statement<[string]>('select * from payments where batch_id = $1', (rows, [batchId]) =>
    ridersOf(rows, batchId),
  ),
  statement<[string[], Hex[], bigint[], number[], Date[], string[]]>(
    "update payments p set status = 'settled'",
    (rows, [ids, hashes, blocks, indexes, times, sources]) => {
      const first = ids.flatMap((id, at) => (ids.indexOf(id) === at ? [{ id, at }] : []))
      return first.flatMap(({ id, at }) => {
        const one = rows.payments.get(id)
        if (one === undefined || !sources.includes(one.status)) return []
        const place = { tx_hash: hashes[at] ?? null, block_number: blocks[at] ?? null }
        const when = { log_index: indexes[at] ?? null, settled_at: times[at] ?? null }
        return [moved(rows, one, { status: 'settled', ...place, ...when })]
      })
    },
  ),
  statement<[string[], string[], string[]]>(
    "update payments p set status = 'refused'",
    (rows, [ids, reasons, sources]) => stop(rows, 'refused', ids, reasons, sources),
  ),
  statement<[string[], string[], string[]]>(
    "update payments p set status = 'review'",
    (rows, [ids, reasons, sources]) => stop(rows, 'review', ids, reasons, sources),
  ),
]

/** Writes a payment unless one of the unique indexes refuses it. */
function insert(rows: Rows, payment: PaymentRow): void {
  const sameNonce = (one: PaymentRow) => one.payer === payment.payer && one.nonce === payment.nonce
  if (rows.payments.find((one) => sameNonce(one) && one.status !== 'refused'))
    throw broken('payments_one_use_of_a_nonce')
  const isLive = (one: PaymentRow) =>
    one.invoice_id === payment.invoice_id && LIVE.includes(one.status)
  if (rows.switches.oneLive && rows.payments.find(isLive)) throw broken('payments_one_live')
  rows.payments.set(payment.id, payment)
}

function stop(
  rows: Rows,
  status: string,
  ids: readonly string[],
  reasons: readonly string[],
  sources: readonly string[],
): PaymentRow[] {
  return ids.flatMap((id, at) => {
    const one = rows.payments.get(id)
    if (one === undefined || !sources.includes(one.status) || ids.indexOf(id) !== at) return []
    return [moved(rows, one, { status, reason: reasons[at] ?? null })]
  })
}

function moved(rows: Rows, payment: PaymentRow, change: Partial<PaymentRow>): PaymentRow {
  return rows.payments.set(payment.id, { ...payment, ...change })
}

function ridersOf(rows: Rows, batchId: string): PaymentRow[] {
  return rows.payments.filter((one) => one.batch_id === batchId && one.status === 'settling')
}

function waiting(rows: Rows, of: number, index: number): PaymentRow[] {
  const isMine = (one: PaymentRow) =>
    of === 1 || one.place % of === index || one.created_at.getTime() < rows.now() - ANYBODYS_MS
  return rows.payments
    .filter(
      (one) =>
        (one.status === 'authorised' || (one.status === 'settling' && one.batch_id === null)) &&
        isMine(one),
    )
    .toSorted((a, b) => a.created_at.getTime() - b.created_at.getTime() || a.place - b.place)
}

/** The last written of each group. */
function newest(found: readonly PaymentRow[], by: 'invoice_id' | 'chain_invoice'): PaymentRow[] {
  const last = new Map<string, PaymentRow>()
  for (const one of found) last.set(one[by], one)
  return [...last.values()]
}

function paymentOf(rows: Rows, values: readonly unknown[]): PaymentRow {
  const [id, invoice_id, merchant_id, chain_id, chain_invoice, payer, merchant_address] = values
  const [
    amount,
    fee_basis_points,
    fee,
    nonce,
    valid_before,
    signature,
    status,
    approved_at,
    created_at,
    traceparent,
  ] = values.slice(7)
  return {
    ...{ id, invoice_id, merchant_id, chain_invoice, payer, merchant_address, amount, fee },
    ...{ fee_basis_points, valid_before, signature, status, approved_at, created_at, traceparent },
    place: rows.payments.size,
    chain_id: BigInt(chain_id as number),
    nonce: BigInt(nonce as number),
    ...{ reason: null, batch_id: null, tx_hash: null, block_number: null, log_index: null },
    settled_at: null,
  } as unknown as PaymentRow
}

/** What PostgreSQL says when a unique index refuses a row. */
function broken(constraint: string): pg.DatabaseError {
  const error = new pg.DatabaseError('duplicate key value', 0, 'error')
  error.code = '23505'
  error.constraint = constraint
  return error
}
