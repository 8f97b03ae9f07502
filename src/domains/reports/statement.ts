import type { Hex } from '../../kernel/hex.ts'
import type { InvoiceId, MerchantId, PaymentId, StoreId, TerminalId } from '../../kernel/ids.ts'

/** One movement of money, signed: positive towards the merchant. Totals of rows equal the ledger. */
export type StatementRow = {
  readonly rowId: string
  readonly type: 'sale'
  readonly storeId: StoreId
  readonly terminalId: TerminalId
  readonly invoiceId: InvoiceId
  readonly orderId: string | undefined
  readonly paymentId: PaymentId
  readonly settledAt: Date
  readonly gross: bigint
  readonly taxFree: bigint
  readonly vat: bigint
  readonly fee: bigint
  readonly net: bigint
  readonly chainId: number
  readonly txHash: Hex
  readonly blockNumber: bigint
  readonly logIndex: number
  readonly payer: Hex
}

export type Totals = {
  readonly count: number
  readonly gross: bigint
  readonly fee: bigint
  readonly net: bigint
}

/** The settlement report of one merchant for one Seoul day. A closed one never changes. */
export type Statement = {
  readonly merchantId: MerchantId
  readonly day: string
  readonly status: 'open' | 'closed'
  /** Every log up to this block is in it. Undefined before the first block was read. */
  readonly upToBlock: bigint | undefined
  readonly rows: readonly StatementRow[]
  readonly totals: Totals
  /** The same sums taken from the ledger and from the logs of the token. A difference is printed, never hidden. */
  readonly ledger: Totals
  readonly chain: { readonly count: number; readonly gross: bigint }
  readonly matches: boolean
}

export function totalsOf(rows: readonly StatementRow[]): Totals {
  const sum = (part: (row: StatementRow) => bigint) =>
    rows.reduce((total, row) => total + part(row), 0n)
  return {
    count: rows.length,
    gross: sum((row) => row.gross),
    fee: sum((row) => row.fee),
    net: sum((row) => row.net),
  }
}
