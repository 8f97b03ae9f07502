import { onChain } from './chain-evidence.ts'
import type { Stack } from './stack.ts'
import type { Evidence, Wrong } from './verdict.ts'

const MOST_LINES = 12
const MOST_STORIES = 6

/**
 * What is wrong: so many lines of each kind, then some payments with their rows, their batches and attempts and their
 * logs, so that the cause can be seen.
 */
export async function tellStories(
  stack: Stack,
  evidence: Evidence,
  wrongs: readonly Wrong[],
): Promise<string[]> {
  const lines = [...new Set(wrongs.map(({ kind }) => kind))].flatMap((kind) => {
    const own = wrongs.filter((wrong) => wrong.kind === kind)
    const told = own.slice(0, MOST_LINES).map((one) => `  ${one.paymentId ?? ''} ${one.words}`)
    const rest = own.length - told.length
    return [`${own.length} ${kind}:`, ...told, ...(rest > 0 ? [`  and ${rest} more`] : [])]
  })
  const ids = new Set(wrongs.flatMap(({ paymentId }) => paymentId ?? []))
  for (const id of [...ids].slice(0, MOST_STORIES))
    lines.push('', `--- ${id}`, ...(await tellOne(stack, evidence, id)))
  return lines
}

async function tellOne(stack: Stack, evidence: Evidence, id: string): Promise<string[]> {
  const { rows, chain, sales } = evidence
  const payment = rows.payments.find((one) => one.id === id)
  if (payment === undefined) return ['no such payment']
  const tell = (title: string, list: readonly unknown[]) => [
    `${title}: ${list.length === 0 ? 'none' : ''}`,
    ...list.map((one) => `    ${JSON.stringify(one, plain)}`),
  ]
  const read = (text: string, values: readonly unknown[]) => stack.database.pool.rows(text, values)
  const invoice = onChain(payment.invoice_id)
  const rides = rows.rides.filter((ride) => ride.payment_id === id)
  const batchIds = [...new Set(rides.map((ride) => ride.batch_id))]
  return [
    ...tell('payment', [payment]),
    ...tell('invoice', await read('select * from invoices where id = $1', [payment.invoice_id])),
    ...tell('answers', saidOf(sales, payment)),
    ...tell(
      'batches',
      await read(
        `select b.*, bp.payments from settlement_batches b
        join (select batch_id, count(*) as payments from batch_payments group by batch_id) bp
          on bp.batch_id = b.id
        where b.id = any($1) order by b.created_at`,
        [batchIds],
      ),
    ),
    ...tell(
      'attempts',
      await read(
        `select tx_hash, batch_id, attempt, max_fee_per_gas, signed_at from batch_attempts
        where batch_id = any($1) order by batch_id, attempt`,
        [batchIds],
      ),
    ),
    ...tell(
      'on chain',
      chain.laneTransactions.filter((one) =>
        rides.some((ride) => ride.lane === one.lane && Number(ride.nonce) === one.nonce),
      ),
    ),
    ...tell(
      'logs',
      [...chain.paid, ...chain.skipped].filter((log) => log.invoice === invoice),
    ),
    ...tell(
      'chain_events',
      await read('select * from chain_events where chain_invoice = $1', [invoice]),
    ),
    ...tell(
      'events',
      rows.events.filter((one) => one.aggregate_id === id).map((one) => one.id),
    ),
    ...tell(
      'deliveries',
      await read(
        `select d.* from webhook_deliveries d join events e on e.id = d.event_id
        where e.aggregate_id = $1`,
        [id],
      ),
    ),
    ...tell(
      'webhook attempts',
      await read(
        `select a.* from webhook_attempts a join events e on e.id = a.event_id
        where e.aggregate_id = $1 order by a.started_at`,
        [id],
      ),
    ),
    ...tell('cursor', await read('select * from chain_cursors', [])),
  ]
}

function saidOf(
  sales: Evidence['sales'],
  payment: { readonly invoice_id: string; readonly payer: string },
) {
  return sales
    .filter((sale) => sale.invoiceId === payment.invoice_id && sale.payer === payment.payer)
    .flatMap((sale) => sale.said)
}

function plain(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
