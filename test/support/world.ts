import type { AddressInfo } from 'node:net'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { inject } from 'vitest'
import { httpContext, openPlatform, openQueue, startWork } from '../../src/apps/compose.ts'
import type { Config } from '../../src/apps/config.ts'
import { newApiKey } from '../../src/domains/merchants/api-key.ts'
import { buildHttp } from '../../src/entry/http/index.ts'
import type { Deps } from '../../src/flows/deps.ts'
import { type Shop, seedShop } from '../../src/flows/seed-shop.ts'
import type { Hex } from '../../src/kernel/hex.ts'
import { newId } from '../../src/kernel/ids.ts'
import { basisPoints, won } from '../../src/kernel/money.ts'
import { reveal, type Secret, secret } from '../../src/kernel/secret.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import type { Clock } from '../../src/kernel/time.ts'
import { callAndWait, mintCall } from '../../src/platform/chain/call.ts'
import { deployToken } from '../../src/platform/chain/deploy.ts'
import { readChainId } from '../../src/platform/chain/evm.ts'
import type { PoolState } from '../../src/platform/db/db.ts'
import type { Server } from '../../src/platform/http/server.ts'
import { localSigner } from '../../src/platform/keys/local.ts'
import { type Log, openLog } from '../../src/platform/log/log.ts'
import type { Metrics } from '../../src/platform/metrics/metrics.ts'
import type { Queue } from '../../src/platform/queue/queue.ts'
import { giveCoins } from './coins.ts'
import { createMigratedDatabase } from './database.ts'

const SHOPPER_WON = 1_000_000n

/** A clock that a test may set forward: real time plus `ahead`. */
export type TestClock = Clock & { advance(milliseconds: number): void }

export function testClock(): TestClock {
  let ahead = 0
  return {
    now: () => new Date(Date.now() + ahead),
    advance: (milliseconds) => {
      ahead += milliseconds
    },
  }
}

/** A token of its own on the test chain, with everybody's keys. */
export type ChainWorld = {
  readonly rpcUrl: string
  readonly chainId: number
  readonly token: Hex
  /** One a lane. */
  readonly relayerKeys: readonly Secret<string>[]
  readonly minter: Signer
  readonly freezer: Signer
  readonly owner: Signer
}

/** Deploys a token with fresh keys, so that no two tests share a nonce. */
export async function openChainWorld(lanes = 1, chainUrl?: string): Promise<ChainWorld> {
  const rpcUrl = chainUrl ?? inject('chainUrl')
  const chainId = await readChainId([rpcUrl])
  const deployerKey = generatePrivateKey()
  const relayerKeys = Array.from({ length: lanes }, () => secret<string>(generatePrivateKey()))
  const [owner, minter, freezer] = [freshSigner(), freshSigner(), freshSigner()]
  const relayers = relayerKeys.map(localSigner)
  const payers = [privateKeyToAccount(deployerKey), ...relayers, owner, minter, freezer]
  await giveCoins(
    payers.map(({ address }) => address as Hex),
    chainUrl,
  )
  const { token } = await deployToken({
    rpc: rpcUrl,
    deployerKey,
    pollMs: 50,
    setUp: {
      owner: owner.address,
      pauser: owner.address,
      freezer: freezer.address,
      feeRecipient: owner.address,
      feeCapBasisPoints: 300,
      supplyCap: 10n ** 15n,
      settlers: relayers.map(({ address }) => ({ account: address, dailyLimit: 10n ** 12n })),
      minters: [{ account: minter.address, allowance: 10n ** 12n, dailyLimit: 10n ** 12n }],
    },
  })
  const lower = token.toLowerCase() as Hex
  return { rpcUrl, chainId, token: lower, relayerKeys, owner, minter, freezer }
}

/** A key that nobody else has. */
export function freshSigner(): Signer {
  return localSigner(secret(generatePrivateKey()))
}

/** A whole Baro: database, token, shop with a terminal, a funded shopper, and the HTTP server on a free port. */
export type World = {
  readonly config: Config
  readonly clock: TestClock
  readonly deps: Deps
  /** What `deps` and the routes count. */
  readonly metrics: Metrics
  readonly pool: () => PoolState
  readonly chain: ChainWorld
  readonly shop: Shop
  readonly merchantKey: string
  readonly terminalKey: string
  readonly shopper: Signer
  readonly app: Server
  readonly url: string
  /** New shoppers with money. */
  fundShoppers(count: number, won?: bigint): Promise<Signer[]>
  /** Starts a worker in this process, with some of its parts changed; ended by `close` at the latest. */
  startWorker(change?: WorkerChange): Promise<{ stop(): Promise<void> }>
  close(): Promise<void>
}

/** Faults between a worker and the real things that it works with. */
export type WorkerChange = {
  readonly change?: Partial<Deps>
  readonly queueOf?: (queue: Queue) => Queue
}

export type WorldOptions = {
  /** A collector of traces; nothing is traced when absent. */
  readonly tracing?: Config['tracing']
  /** How many relayer keys there are; one when absent. */
  readonly lanes?: number
  readonly feeBasisPoints?: number
  readonly redisUrl?: string
  readonly withDemoShopper?: boolean
  /** Of one address to the public pay routes; no limit when absent. */
  readonly publicRequestsPerMinute?: number
  /** Of every store and hour; 0 when absent. */
  readonly riskLimitWon?: bigint
  /** A chain of one's own, with an account of FUNDED_KEYS; the one that all suites share when absent. */
  readonly chainUrl?: string
  /** Where lines go; nowhere when absent. */
  readonly log?: Log
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const [database, chain] = await Promise.all([
    createMigratedDatabase(),
    openChainWorld(options.lanes, options.chainUrl),
  ])
  const shopperKey = secret<string>(generatePrivateKey())
  const shopper = localSigner(shopperKey)
  const config: Config = {
    databaseUrl: secret(database.url),
    isEmbedded: true,
    databasePoolSize: 10,
    redisUrl: options.redisUrl === undefined ? undefined : secret(options.redisUrl),
    chainRpcUrls: [chain.rpcUrl],
    chainWsUrl: inject('chainWsUrl') || undefined,
    chainId: chain.chainId,
    tokenAddress: chain.token,
    relayerKeys: chain.relayerKeys,
    laneWindow: 16,
    maxFeePerGasGkei: 750,
    agreeAboveWon: undefined,
    kms: undefined,
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    metricsHost: '127.0.0.1',
    metricsPort: undefined,
    tracing: options.tracing,
    shutdownDrainSeconds: 0,
    trustedProxies: [],
    publicRequestsPerMinute: options.publicRequestsPerMinute ?? 0,
    webhookAllowCidrs: ['127.0.0.0/8'],
    webhookRequireHttps: false,
    riskLimit: won(options.riskLimitWon ?? 0n),
    demoShopperKey: options.withDemoShopper ? shopperKey : undefined,
    logLevel: 'silent',
  }
  const clock = testClock()
  const log = options.log ?? openLog({ level: 'silent', name: 'test' })
  const platform = await openPlatform(config, 'test', { clock, log })
  const { deps, metrics, pool } = platform
  const shop = testShop(options.feeBasisPoints ?? 80)
  await seedShop(deps, shop)
  const fund = (addresses: readonly Hex[], won: bigint) =>
    callAndWait(
      deps.chain,
      chain.minter,
      addresses.map((address) => mintCall(chain.token, address, won)),
    )
  await fund([shopper.address], SHOPPER_WON)
  const { app, url } = await listen(config, deps, metrics)
  const closers: (() => Promise<void>)[] = []
  return {
    config,
    clock,
    deps,
    metrics,
    pool,
    chain,
    shop,
    shopper,
    app,
    url,
    merchantKey: reveal(shop.merchantKey),
    terminalKey: reveal(shop.terminalKey),
    fundShoppers: async (count, won = SHOPPER_WON) => {
      const shoppers = Array.from({ length: count }, freshSigner)
      await fund(
        shoppers.map((one) => one.address),
        won,
      )
      return shoppers
    },
    startWorker: async ({ change = {}, queueOf = (queue: Queue) => queue }: WorkerChange = {}) => {
      const queue = await openQueue(config, deps.log)
      const work = await startWork({ ...deps, ...change }, queueOf(queue))
      let ended: Promise<void> | undefined
      const stop = () => {
        ended ??= work.stop().then(() => queue.close())
        return ended
      }
      closers.push(stop)
      return { stop }
    },
    close: async () => {
      for (const close of closers) await close()
      await app.close()
      await platform.close()
      await database.drop()
    },
  }
}

/** A café with one till. Its settlement account is nobody's. */
export function testShop(feeBasisPoints: number): Shop {
  const now = new Date()
  const merchantId = newId('mer', now)
  const storeId = newId('sto', now)
  return {
    merchant: {
      id: merchantId,
      name: '바로 커피',
      settlementAddress: freshSigner().address,
      feeBasisPoints: basisPoints(feeBasisPoints),
      createdAt: now,
    },
    store: { id: storeId, merchantId, name: '성수점', riskLimit: undefined },
    terminal: { id: newId('ter', now), merchantId, storeId, label: '1번 계산대' },
    merchantKey: secret(newApiKey()),
    terminalKey: secret(newApiKey()),
  }
}

/** The pay URL is on the port that the system chose, so the port comes first and the routes after it. */
async function listen(
  config: Config,
  deps: Deps,
  metrics: Metrics,
): Promise<{ app: Server; url: string }> {
  const { createServer } = await import('node:net')
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  const url = `http://127.0.0.1:${port}`
  const app = await buildHttp(httpContext(config, deps, url), {
    log: deps.log,
    metrics,
    trustedProxies: [],
  })
  await app.listen({ host: '127.0.0.1', port })
  return { app, url }
}
