import { getMerchant } from '../domains/merchants/store.ts'
import { type Statement, totalsOf } from '../domains/reports/statement.ts'
import { chainTotals, ledgerTotals, listSales } from '../domains/reports/store.ts'
import { readCursor, settlementStream } from '../domains/settlement/chain-store.ts'
import { Fault } from '../kernel/errors.ts'
import type { MerchantId } from '../kernel/ids.ts'
import { seoulDayBounds } from '../kernel/time.ts'
import type { Deps } from './deps.ts'

/**
 * The statement of one Seoul day, `2026-11-21`: its rows, and the same sums from the ledger and from the chain.
 * A day is closed when the logs are read up to a block after its end: block time dates every row, so nothing can
 * join it any more. Throws `invalid_request` for a day that is none.
 */
export async function reportDay(
  deps: Pick<Deps, 'db' | 'chain'>,
  merchantId: MerchantId,
  day: string,
): Promise<Statement> {
  const bounds = seoulDayBounds(day)
  if (bounds === undefined)
    throw new Fault('invalid_request', `${day} is not a day`, {
      fields: [{ field: 'day', code: 'not_a_day' }],
    })
  // One snapshot, so that a payment that settles meanwhile is in all three sums or in none.
  return deps.db.snapshot(async (tx) => {
    const merchant = await getMerchant(tx, merchantId)
    const period = { merchantId, ...bounds }
    const cursor = await readCursor(tx, settlementStream(deps.chain))
    const rows = await listSales(tx, period)
    const ledger = await ledgerTotals(tx, period)
    const chain = await chainTotals(tx, {
      ...period,
      chainId: deps.chain.chainId,
      settlementAddress: merchant.settlementAddress,
    })
    const totals = totalsOf(rows)
    return {
      merchantId,
      day,
      status: cursor !== undefined && cursor.blockTime >= bounds.to ? 'closed' : 'open',
      upToBlock: cursor?.blockNumber,
      rows,
      totals,
      ledger,
      chain,
      matches:
        totals.count === ledger.count &&
        totals.gross === ledger.gross &&
        totals.fee === ledger.fee &&
        totals.net === ledger.net &&
        totals.count === chain.count &&
        totals.gross === chain.gross,
    }
  })
}
