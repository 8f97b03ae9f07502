import type { Hex } from '../../../src/kernel/hex.ts'
import type { InvoiceRow, Rows } from './rows.ts'
import { type Statement, statement } from './statement.ts'

/** Statements about merchants, invoices and the nonces kept for them. */
export const SALE_STATEMENTS: readonly Statement[] = [
  statement<[string[]]>('select * from merchants where id = any', ({ merchants }, [ids]) =>
    merchants.filter((one) => ids.includes(String(one.id))),
  ),
  statement<[string]>('select * from invoices where id = $1', ({ invoices }, [id]) => {
    const invoice = invoices.get(id)
    return invoice && [invoice]
  }),
  statement<[string[]]>('select * from invoices where code = any', ({ invoices }, [codes]) =>
    invoices.filter((one) => codes.includes(one.code)),
  ),
  statement<[string]>('select * from invoices where code', ({ invoices }, [code]) => {
    const invoice = invoices.find((one) => one.code === code)
    return invoice && [invoice]
  }),
  statement<[string[], Date]>('select id from invoices where id = any', (rows, [ids, at]) =>
    takeable(rows, ids).filter((one) => one.expires_at > at),
  ),
  statement<[string[]]>("update invoices set status = 'paying'", (rows, [ids]) =>
    takeable(rows, ids).map((one) => moved(rows, one, { status: 'paying' })),
  ),
  statement<[string[], Date[], string[]]>(
    "update invoices i set status = 'paid'",
    (rows, [ids, times, sources]) => {
      ids.forEach((id, index) => {
        const invoice = rows.invoices.get(id)
        if (invoice !== undefined && sources.includes(invoice.status))
          moved(rows, invoice, { status: 'paid', paid_at: times[index] ?? null })
      })
      return []
    },
  ),
  statement<[Date, string[]]>(
    'update invoices set version = version + 1, status = case',
    (rows, [at, ids]) =>
      ids.flatMap((id) => {
        const invoice = rows.invoices.get(id)
        if (invoice?.status !== 'paying') return []
        return [moved(rows, invoice, { status: invoice.expires_at > at ? 'open' : 'expired' })]
      }),
  ),
  statement<[Date, number]>("update invoices set status = 'expired'", (rows, [at, limit]) =>
    rows.invoices
      .filter((one) => one.status === 'open' && one.expires_at <= at)
      .slice(0, limit)
      .map((invoice) => moved(rows, invoice, { status: 'expired' })),
  ),
  statement('select pg_advisory_xact_lock', () => []),
  statement<[string, Hex]>('select nonce, valid_before from payer_nonces', ({ nonces }, values) => {
    const [invoiceId, payer] = values
    const row = nonces.find((one) => one.invoice_id === invoiceId && one.payer === payer)
    return row && [row]
  }),
  statement<[string[], Hex[]]>("select invoice_id || ' ' || payer as key", ({ nonces }, values) => {
    const [invoiceIds, payers] = values
    return nonces
      .filter((one) => invoiceIds.includes(one.invoice_id) && payers.includes(one.payer))
      .map((one) => ({ ...one, key: `${one.invoice_id} ${one.payer}` }))
  }),
  statement<[number, Hex, bigint]>('select nonce from payer_nonces', ({ nonces }, values) => {
    const [, payer, base] = values
    return nonces.filter((one) => one.payer === payer && one.nonce >= base)
  }),
  statement<[number, Hex, bigint, string, Date]>(
    'insert into payer_nonces',
    ({ nonces }, values) => {
      const [, payer, nonce, invoice_id, valid_before] = values
      nonces.set(`${payer} ${nonce}`, { payer, nonce, invoice_id, valid_before })
      return []
    },
  ),
  statement<[string[]]>('delete from payer_nonces n where n.invoice_id', (rows, [invoiceIds]) => {
    const free = rows.nonces.filter(
      (one) =>
        invoiceIds.includes(one.invoice_id) &&
        rows.payments.find(
          (payment) =>
            payment.payer === one.payer &&
            payment.nonce === one.nonce &&
            payment.status !== 'refused',
        ) === undefined,
    )
    for (const one of free) rows.nonces.delete(`${one.payer} ${one.nonce}`)
    return []
  }),
]

/** The invoices that a payment may take. */
function takeable(rows: Rows, ids: readonly string[]): InvoiceRow[] {
  const isFree = (one: InvoiceRow) => one.status === 'open' || !rows.switches.invoiceTakenOnce
  return rows.invoices.filter((one) => ids.includes(one.id) && isFree(one))
}

function moved(rows: Rows, invoice: InvoiceRow, change: Partial<InvoiceRow>): InvoiceRow {
  const next = { ...invoice, ...change, version: invoice.version + 1 }
  return rows.invoices.set(invoice.id, next)
}
