import { encodeSettleBatch } from '../platform/chain/batch.ts'
import { settleBatchComputationCost } from '../platform/chain/batch-limits.ts'
import { startDevnet } from '../platform/devnet/devnet.ts'
import { keepAnvil } from '../platform/embedded/keep.ts'

export type DevelopmentChainOptions = {
  /** Holds the chain's state. One live Baro a folder: see `ownFolder`. */
  readonly dataDir: string
  readonly log: (line: string) => void
  /** The port to listen on; a free one when absent. */
  readonly port?: number
  /** The address to listen on; 127.0.0.1 when absent. */
  readonly host?: string
  /** Whether the chain outlives this run; true when absent. */
  readonly persist?: boolean
}

/** The development chain: Kaia's rules before an anvil that is brought back whenever it ends unasked. */
export type DevelopmentChain = {
  readonly url: string
  readonly wsUrl: string
  readonly port: number
  /** The process of the anvil behind. */
  pid(): number
  stop(): Promise<void>
}

const PAYMENT_BYTES = 98
const MERCHANT_BYTES = 24

/** No calldata of `settleBatch` can hold more payments and merchants than this counts. */
const SETTLE_BATCH_BOUND = {
  selector: encodeSettleBatch([]).slice(0, 10) as `0x${string}`,
  atMost: (data: string) => {
    const bytes = data.length / 2
    return settleBatchComputationCost(
      Math.ceil(bytes / PAYMENT_BYTES),
      Math.ceil(bytes / MERCHANT_BYTES),
    )
  },
}

/** Starts the development chain; anvil itself listens on a loopback port of its own. */
export async function keepDevelopmentChain(
  options: DevelopmentChainOptions,
): Promise<DevelopmentChain> {
  const { dataDir, log, port, host, persist } = options
  const anvil = await keepAnvil({ dataDir, log, ...(persist === undefined ? {} : { persist }) })
  const devnet = await startDevnet({
    ...{ upstreamUrl: anvil.url, log, bounds: [SETTLE_BATCH_BOUND] },
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
  }).catch(async (error: unknown) => {
    await anvil.stop()
    throw error
  })
  return {
    ...{ url: devnet.url, wsUrl: devnet.wsUrl, port: devnet.port, pid: anvil.pid },
    async stop() {
      await devnet.stop()
      await anvil.stop()
    },
  }
}
