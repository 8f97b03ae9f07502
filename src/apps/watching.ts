import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { API_VERSION } from '../entry/http/index.ts'
import { addGauges } from '../entry/internal/gauges.ts'
import { internalRoutes } from '../entry/internal/routes.ts'
import { checkGateway, checkWorker } from '../flows/check-readiness.ts'
import type { Deps } from '../flows/deps.ts'
import type { Readiness } from '../kernel/health.ts'
import { atMostEvery } from '../kernel/pace.ts'
import { SECOND_MS } from '../kernel/time.ts'
import { checkToken } from '../platform/chain/check-token.ts'
import type { PoolState } from '../platform/db/db.ts'
import { migrationsIn } from '../platform/db/migrate.ts'
import { sql } from '../platform/db/sql.ts'
import { type InternalServer, serveInternal } from '../platform/http/internal.ts'
import type { Metrics } from '../platform/metrics/metrics.ts'
import type { Queue } from '../platform/queue/queue.ts'
import type { Config } from './config.ts'

/** However many ask whether a process is ready, its parts hear of it this often. */
const READY_MS = SECOND_MS
/** The code of a token does not change; that a URL leads to another chain one day does happen. */
const NODES_MS = 30 * SECOND_MS

/** Asks whether this gateway can take a sale. */
export function gatewayReadiness(
  deps: Pick<Deps, 'db' | 'chain' | 'clock'>,
): () => Promise<Readiness> {
  const migrations = expectedMigrations()
  return atMostEvery(READY_MS, () => checkGateway(deps, { migrations }))
}

/** Asks whether this worker can settle a payment. */
export function workerReadiness(
  config: Config,
  deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'signers' | 'limits'>,
  queue: Queue,
): () => Promise<Readiness> {
  const { chainRpcUrls, chainId, tokenAddress: token } = config
  const nodeProblems = atMostEvery(NODES_MS, () =>
    Promise.all(
      chainRpcUrls.map((url) =>
        checkToken(url, { token, chainId }).then(
          () => undefined,
          // A URL may hold a key, and a message of the transport the URL.
          (error: Error) => (error.message.split('\n')[0] ?? '').replaceAll(url, 'the node'),
        ),
      ),
    ),
  )
  const migrations = expectedMigrations()
  const parts = { migrations, pingQueue: () => queue.ping(), nodeProblems }
  return atMostEvery(READY_MS, () => checkWorker(deps, parts))
}

function expectedMigrations(): () => Promise<readonly string[]> {
  let names: Promise<readonly string[]> | undefined
  const folder = join(dirname(fileURLToPath(import.meta.url)), '../../migrations')
  return () => {
    names ??= migrationsIn(folder)
    return names
  }
}

/** Throws when the database forgets what it has committed: then a 202 would promise nothing. */
export async function refuseForgetfulDatabase(deps: Pick<Deps, 'db'>): Promise<void> {
  const row = await deps.db.one<{ value: string }>(
    sql`select current_setting('synchronous_commit') as value`,
  )
  if (row?.value === 'off')
    throw new Error(
      'PostgreSQL has synchronous_commit = off and may lose payments that it has confirmed: set it to on',
    )
}

type Watched = {
  readonly config: Pick<Config, 'metricsHost' | 'metricsPort'>
  readonly process: 'gateway' | 'worker'
  readonly deps: Deps
  readonly metrics: Metrics
  readonly pool: () => PoolState
  readonly queue?: Queue
  readonly readiness: () => Promise<Readiness>
}

/** Serves measurements and probes on a port of the operator's; undefined where none is configured. */
export async function startWatching(watched: Watched): Promise<InternalServer | undefined> {
  const { config, deps, metrics, pool, queue, readiness } = watched
  if (config.metricsPort === undefined) return undefined
  metrics.addProcess()
  addGauges(metrics, {
    deps,
    pool,
    queueCounts: queue === undefined ? undefined : () => queue.counts(),
    about: { version: API_VERSION, process: watched.process },
  })
  const server = await serveInternal({
    host: config.metricsHost,
    port: config.metricsPort,
    routes: internalRoutes({ metrics, rounds: deps.rounds, readiness }),
    onFailure: (path, err) => deps.log.error('an internal page failed', { path, err }),
  })
  deps.log.info('metrics and probes', { url: server.url })
  return server
}
