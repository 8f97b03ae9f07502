import type { Hex } from '../../kernel/hex.ts'
import { openAccounts } from './accounts.ts'
import { Builder } from './builder.ts'
import { Disguises } from './disguises.ts'
import { type CostBound, openJudge } from './judge.ts'
import type { Parts } from './parts.ts'
import { Pool } from './pool.ts'
import { Producer } from './producer.ts'
import { serve } from './server.ts'
import { openUpstream } from './upstream.ts'

export type DevnetOptions = {
  /** JSON-RPC of the EVM node behind: an anvil of its own, whose blocks and pool the devnet takes over. */
  readonly upstreamUrl: string
  readonly log: (line: string) => void
  /** The port to listen on; a free one when absent. */
  readonly port?: number
  /** The address to listen on; 127.0.0.1 when absent. */
  readonly host?: string
  /** Proven bounds of computation cost, which save the trace of every call. */
  readonly bounds?: readonly CostBound[]
}

export type Devnet = {
  /** JSON-RPC over HTTP. */
  readonly url: string
  /** JSON-RPC over WebSocket, on the same port. */
  readonly wsUrl: string
  readonly port: number
  /** Stops the blocks and the server; the node behind stays. */
  stop(): Promise<void>
}

/** Puts Kaia's rules, pool and words before a plain EVM node. */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const { upstreamUrl, log, bounds = [], host = '127.0.0.1', port = 0 } = options
  const upstream = openUpstream(upstreamUrl)
  const [pool, disguises] = [new Pool(), new Disguises()]
  const builder = new Builder({ upstream, pool, disguises, log })
  const chainId = Number(await upstream.ask<Hex>('eth_chainId'))
  const producer = await Producer.open({ upstream, pool, disguises, builder, log })
  const parts: Parts = {
    ...{ chainId, upstream, pool, producer, builder, disguises },
    judge: openJudge({ upstream, bounds, log }),
    accountOf: openAccounts(upstream, producer),
    pendingListeners: new Set(),
  }
  const close = async () => {
    await producer.close()
    upstream.close()
  }
  const server = await serve(parts, port, host).catch(async (error: unknown) => {
    await close()
    throw error
  })
  const address = host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${address}:${server.port}`,
    wsUrl: `ws://${address}:${server.port}`,
    port: server.port,
    async stop() {
      await server.close()
      await close()
    },
  }
}
