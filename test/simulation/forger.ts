import type { SettlementEvent } from '../../src/platform/chain/logs.ts'
import type { ModelBlock } from './chain/model.ts'
import type { Rows } from './rows/rows.ts'

/** Payments that no block has, for all that wait and are large enough to need a second node. */
export function forgedLogs(
  rows: Rows,
  above: number | undefined,
  { number }: ModelBlock,
): readonly SettlementEvent[] {
  if (above === undefined) return []
  return rows.payments
    .filter((one) => one.status === 'settling' && one.amount > BigInt(above))
    .map((one) => ({
      kind: 'paid',
      invoice: one.chain_invoice,
      payer: one.payer,
      merchant: one.merchant_address,
      amount: one.amount,
      blockNumber: number,
      txHash: `0x${'f0'.repeat(16)}${one.chain_invoice.slice(2)}`,
      logIndex: 1,
    }))
}
