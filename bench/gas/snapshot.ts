import { startGasChain } from './chain.ts'
import { batchRows, type Row } from './rows.ts'

export const SNAPSHOT_PATH = 'gas/snapshot.json'
const SNAPSHOT_SIZES = [1, 10, 100, 200] as const

/** The figures that are kept in git: exact, because every key and every nonce of the run is fixed. */
export async function measureSnapshot(): Promise<readonly Row[]> {
  const chain = await startGasChain(Math.max(...SNAPSHOT_SIZES))
  try {
    return await batchRows(chain, SNAPSHOT_SIZES, () => {})
  } finally {
    await chain.world.anvil.stop()
  }
}
