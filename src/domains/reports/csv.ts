import { stringify } from 'csv-stringify/sync'
import { seoulTime } from '../../kernel/time.ts'
import type { Statement, StatementRow } from './statement.ts'

const BYTE_ORDER_MARK = '\ufeff'

const COLUMNS = [
  'row_id',
  'type',
  'store_id',
  'terminal_id',
  'invoice_id',
  'order_id',
  'payment_id',
  'settled_at',
  'gross',
  'tax_free',
  'vat',
  'fee',
  'net',
  'currency',
  'chain_id',
  'tx_hash',
  'block_number',
  'log_index',
  'payer',
] as const

/** A cell that a spreadsheet would run, also by a full-width sign, gets an apostrophe (OWASP, CSV injection). */
function inert(text: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
}

function cellsOf(row: StatementRow): string[] {
  return [
    row.rowId,
    row.type,
    row.storeId,
    row.terminalId,
    row.invoiceId,
    inert(row.orderId ?? ''),
    row.paymentId,
    seoulTime(row.settledAt),
    String(row.gross),
    String(row.taxFree),
    String(row.vat),
    String(row.fee),
    String(row.net),
    'KRW',
    String(row.chainId),
    row.txHash,
    String(row.blockNumber),
    String(row.logIndex),
    row.payer,
  ]
}

/** A statement as CSV (RFC 4180) in UTF-8 with a byte order mark, which Korean spreadsheets need; a total at its end. */
export function statementCsv(statement: Statement): string {
  const { totals } = statement
  const last = COLUMNS.map((column) => {
    if (column === 'row_id') return 'total'
    if (column === 'gross' || column === 'fee' || column === 'net') return String(totals[column])
    return column === 'currency' ? 'KRW' : ''
  })
  const lines = [[...COLUMNS], ...statement.rows.map(cellsOf), last]
  return BYTE_ORDER_MARK + stringify(lines, { record_delimiter: '\r\n' })
}
