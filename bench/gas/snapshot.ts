import { startGasChain } from './chain.ts'
import { batchRows, type Row } from './rows.ts'
import { settleWorst } from './worst.ts'

export interface GasSnapshot {
  readonly rows: readonly Row[]
  /** Ten payments that cost as much as payers can make them. */
  readonly worst_10: { readonly gas: number; readonly computation: number }
}

const SNAPSHOT_SIZES = [1, 10, 100, 200] as const
export const WORST_PAYMENTS = 10

/** The figures that are kept in git: exact, because every key and every nonce of the run is fixed. */
export async function measureSnapshot(): Promise<GasSnapshot> {
  const chain = await startGasChain(Math.max(...SNAPSHOT_SIZES))
  try {
    const rows = await batchRows(chain, SNAPSHOT_SIZES, () => {})
    return { rows, worst_10: await settleWorst(chain, WORST_PAYMENTS) }
  } finally {
    await chain.world.anvil.stop()
  }
}
