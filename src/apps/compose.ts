import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HttpContext } from '../entry/http/context.ts'
import { jobRunner } from '../entry/jobs/handlers.ts'
import {
  startChainWatch,
  startExpiry,
  startWatcher,
  startWebhookSweep,
} from '../entry/loops/chores.ts'
import { startLane } from '../entry/loops/lane.ts'
import { startRelay } from '../entry/loops/relay.ts'
import { openAuthoriser } from '../flows/authorise-payment.ts'
import { openSenders } from '../flows/deliver-webhooks.ts'
import type { Deps } from '../flows/deps.ts'
import { openMeter } from '../flows/meter.ts'
import { openSellerNames } from '../flows/name-seller.ts'
import { openChainWatch } from '../flows/watch-chain.ts'
import { openInvoiceWatch } from '../flows/watch-invoices.ts'
import { openRounds } from '../kernel/rounds.ts'
import { reveal } from '../kernel/secret.ts'
import { type Clock, systemClock } from '../kernel/time.ts'
import { checkToken, isUnreachable } from '../platform/chain/check-token.ts'
import { openEvmChain } from '../platform/chain/evm.ts'
import { openDatabase, type PoolState } from '../platform/db/db.ts'
import { localSigner } from '../platform/keys/local.ts'
import { type Log, openLog } from '../platform/log/log.ts'
import { type Metrics, openMetrics } from '../platform/metrics/metrics.ts'
import { rpcMeter } from '../platform/metrics/rpc.ts'
import { openPoster } from '../platform/net/post.ts'
import { openPostgresQueue } from '../platform/queue/postgres.ts'
import type { Queue } from '../platform/queue/queue.ts'
import { openRedisQueue } from '../platform/queue/redis.ts'
import type { Config } from './config.ts'
import { openSigners } from './signers.ts'
import { openTracing } from './tracing.ts'
import { gatewayReadiness } from './watching.ts'

/** Wei (kei on Kaia) of one gkei. */
const GKEI = 1_000_000_000n
/** Longer than the report of a large day takes. */
const QUERY_TIMEOUT_MS = 60_000
const QUEUE_NAME = 'baro'
const QUEUE_CONNECTIONS = 4
const JOB_CONCURRENCY = 16

/** The outside world of one process, and how to let go of it. */
export type Platform = {
  readonly deps: Deps
  readonly metrics: Metrics
  /** The connections that `deps.db` has. */
  pool(): PoolState
  close(): Promise<void>
}

type Overrides = { readonly clock?: Clock; readonly log?: Log }

/** Opens everything that flows may touch. Throws when the token at the address is not the expected code, or a key is out of reach. */
export async function openPlatform(
  config: Config,
  name: string,
  overrides: Overrides = {},
): Promise<Platform> {
  const log = overrides.log ?? openLog({ level: config.logLevel, name })
  const clock = overrides.clock ?? systemClock
  await checkNodes(config, log)
  const signers = await openSigners(config, clock)
  const db = openDatabase({
    url: reveal(config.databaseUrl),
    maxConnections: config.databasePoolSize,
    applicationName: `baro ${name}`,
    queryTimeoutMs: QUERY_TIMEOUT_MS,
    onIdleError: (err) => log.warn('the database closed an idle connection', { err }),
  })
  const poster = openPoster({
    allowCidrs: config.webhookAllowCidrs,
    connectTimeoutMs: 3_000,
    headersTimeoutMs: 10_000,
    totalTimeoutMs: 15_000,
  })
  const metrics = openMetrics()
  const tracing = openTracing(config, `baro-${name}`, log)
  const deps: Deps = {
    db,
    poster,
    log,
    clock,
    meter: openMeter(metrics),
    tracer: tracing.tracer,
    rounds: openRounds(),
    chain: openEvmChain({
      rpcUrls: config.chainRpcUrls,
      wsUrl: config.chainWsUrl,
      chainId: config.chainId,
      token: config.tokenAddress,
      onCall: rpcMeter(metrics),
      onHealth: ({ isHealthy, place, lastError }) =>
        isHealthy
          ? log.info('a node is well again', { place })
          : log.warn('a node is passed over', { place, reason: lastError }),
    }),
    signers,
    webhookPolicy: {
      allowCidrs: config.webhookAllowCidrs,
      requireHttps: config.webhookRequireHttps,
    },
    limits: {
      laneWindow: config.laneWindow,
      maxFeePerGas: BigInt(config.maxFeePerGasGkei) * GKEI,
      agreeAbove: config.agreeAboveWon === undefined ? undefined : BigInt(config.agreeAboveWon),
    },
    riskLimit: config.riskLimit,
    random: Math.random,
  }
  return {
    deps,
    metrics,
    pool: () => db.pool(),
    close: async () => {
      deps.chain.close()
      await poster.close()
      await tracing.close()
      await db.close()
    },
  }
}

/** Throws when a node is on another chain or has other code at the token's address, or when no node answers at all. */
async function checkNodes(config: Config, log: Log): Promise<void> {
  const silent: unknown[] = []
  for (const [place, url] of config.chainRpcUrls.entries())
    try {
      await checkToken(url, { token: config.tokenAddress, chainId: config.chainId })
    } catch (error) {
      if (!isUnreachable(error)) throw error
      log.warn('a node does not answer; the others are asked', { place, err: error })
      silent.push(error)
    }
  if (silent.length > 0 && silent.length === config.chainRpcUrls.length) throw silent[0]
}

/** BullMQ on Redis where there is one, otherwise on the database. */
export function openQueue(config: Config, log: Log): Promise<Queue> {
  return config.redisUrl === undefined
    ? openPostgresQueue({
        url: reveal(config.databaseUrl),
        name: QUEUE_NAME,
        log,
        maxConnections: QUEUE_CONNECTIONS,
      })
    : openRedisQueue({ url: reveal(config.redisUrl), name: QUEUE_NAME, log })
}

/** Starts everything that a worker does. `stop` ends it in the order of the work: take no more, finish, let go. */
export async function startWork(deps: Deps, queue: Queue): Promise<{ stop(): Promise<void> }> {
  const holder = crypto.randomUUID()
  const watcher = startWatcher(deps)
  const lanes = deps.signers.map((signer) => startLane(deps, signer, holder, watcher.reread))
  const wakeLanes = () => {
    for (const lane of lanes) lane.wake()
  }
  const senders = openSenders(deps)
  const loops = [
    startRelay(deps, queue),
    watcher,
    startChainWatch(deps),
    startExpiry(deps),
    startWebhookSweep(deps, senders),
  ]
  const worker = await queue.work(jobRunner(deps, { wake: wakeLanes }, senders), {
    concurrency: JOB_CONCURRENCY,
  })
  return {
    stop: async () => {
      await worker.close()
      await Promise.all([...lanes, ...loops].map((loop) => loop.stop()))
      await senders.end()
    },
  }
}

/** What the routes are built from. */
export function httpContext(
  config: Config,
  deps: Deps,
  publicUrl: string,
  readiness = gatewayReadiness(deps),
): HttpContext {
  return {
    deps,
    publicUrl,
    watch: openInvoiceWatch(deps),
    authorise: openAuthoriser(deps),
    nameSeller: openSellerNames(deps),
    chainWatch: openChainWatch(deps),
    demoShopper:
      config.demoShopperKey === undefined ? undefined : localSigner(config.demoShopperKey),
    publicRequestsPerMinute: config.publicRequestsPerMinute,
    readiness,
    pagesFolder: distFolder(),
  }
}

/** The built tree. Seen from the sources, as in tests, it stands beside them. */
function distFolder(): string {
  const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
  return join(root, 'dist')
}
