import { closeSync, mkdirSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { countMerchants } from '../domains/merchants/store.ts'
import { placeEndpoint } from '../domains/webhooks/store.ts'
import { type Shop, seedShop } from '../flows/seed-shop.ts'
import type { Hex } from '../kernel/hex.ts'
import { secret } from '../kernel/secret.ts'
import type { Signer } from '../kernel/signer.ts'
import { systemClock } from '../kernel/time.ts'
import { callAndWait, mintCall } from '../platform/chain/call.ts'
import type { Chain } from '../platform/chain/chain.ts'
import { type Database, openDatabase } from '../platform/db/db.ts'
import { migrate } from '../platform/db/migrate.ts'
import { sql } from '../platform/db/sql.ts'
import { keepPostgres } from '../platform/embedded/keep.ts'
import { ownFolder } from '../platform/embedded/owner.ts'
import { superviseProcess } from '../platform/embedded/supervisor.ts'
import { localSigner } from '../platform/keys/local.ts'
import type { OwnNode } from './config.ts'
import { metricsPlaces } from './development-metrics.ts'
import { type DevelopmentState, demoShop, openState, saveState } from './development-state.ts'
import { openDevelopmentToken } from './development-token.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const SHOPPER_WON = 1_000_000n
const SHOPPER_LOW_WON = 100_000n

export type DevelopmentOptions = {
  readonly dataDir: string
  readonly host: string
  /** Undefined: the port of the last run when it is free, otherwise any. */
  readonly port: number | undefined
  readonly publicUrl: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The node to play on, instead of a development chain of its own. */
  readonly node: OwnNode | undefined
  /** One line when a part is up, and when one had to be brought back. */
  readonly log: (line: string) => void
}

/** A whole Baro on one machine, with a café, a shopper who has money, and the merchant's backend. */
export type Development = {
  readonly url: string
  readonly localUrl: string
  /** Where gateway and worker show what they count. */
  readonly metricsUrls: { readonly gateway: string; readonly worker: string }
  readonly shop: Shop
  readonly state: DevelopmentState
  readonly shopper: Signer
  readonly receiver: Receiver
  readonly chain: Chain
  readonly database: Database
  /** Process ids by part, for whoever wants to see one killed and brought back. */
  pids(): Readonly<Record<string, number | undefined>>
  stop(): Promise<void>
}

/** Starts everything, or nothing: what was started is stopped again when a later part fails. */
export async function startDevelopment(options: DevelopmentOptions): Promise<Development> {
  const owner = await ownFolder(options.dataDir)
  const stops: (() => unknown)[] = [() => owner.release()]
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end()
  }
  try {
    return { ...(await startParts(options, stops)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type Stops = (() => unknown)[]

async function startParts(
  options: DevelopmentOptions,
  stops: Stops,
): Promise<Omit<Development, 'stop'>> {
  const { dataDir, log, environment, node } = options
  const before = openState(dataDir)
  const port = await choosePort(options, before.port)
  const state = { ...before, port }
  saveState(dataDir, state)
  const url = options.publicUrl ?? `http://${reachableHost(options.host)}:${port}`
  const localUrl = `http://${isAnyHost(options.host) ? '127.0.0.1' : options.host}:${port}`

  const ownDatabase = environment.DATABASE_URL
  const postgresStart =
    ownDatabase === undefined ? keep(stops, keepPostgres({ dataDir, log })) : undefined
  const tokenStart = keep(stops, openDevelopmentToken({ dataDir, state, node, log }))
  // Both have ended one way or the other before anything is stopped.
  await Promise.allSettled([postgresStart, tokenStart])
  const [postgres, token] = await Promise.all([postgresStart, tokenStart])
  const databaseUrl = ownDatabase ?? postgres?.url ?? ''
  log(postgres === undefined ? 'your database' : `PostgreSQL 18, port ${postgres.port}`)
  await migrate(databaseUrl, join(projectFolder(), 'migrations'))
  const { chain, issuer } = token
  log(`token ${chain.token}`)

  const database = openDatabase({
    url: databaseUrl,
    maxConnections: 2,
    applicationName: 'baro start',
    onIdleError: () => {},
  })
  stops.push(() => database.close())
  const receiver = await startReceiver(state.webhookSecret)
  stops.push(() => receiver.stop())
  const shop = demoShop(state, localSigner(secret(state.settlementKey)).address)
  const shopper = localSigner(secret(state.shopperKey))
  if (ownDatabase !== undefined) await refuseStrangers(database, shop)
  await seed(database, shop, state, receiver)

  const start = (name: string, variables: Readonly<Record<string, string>>) =>
    startProcess(options, stops, name, {
      ...(postgres === undefined ? {} : { BARO_EMBEDDED_DATABASE_URL: postgres.url }),
      CHAIN_RPC_URLS: token.rpcUrl,
      ...(token.wsUrl === undefined ? {} : { CHAIN_WS_URL: token.wsUrl }),
      CHAIN_ID: String(chain.chainId),
      TOKEN_ADDRESS: chain.token,
      WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
      WEBHOOK_REQUIRE_HTTPS: 'false',
      ...variables,
    })
  const metrics = await metricsPlaces(environment)
  const [gateway, worker] = await Promise.all([
    start('gateway', {
      HOST: options.host,
      PORT: String(port),
      PUBLIC_URL: url,
      ...metrics.gateway.variables,
      ...(postgres === undefined ? {} : { BARO_DEMO_SHOPPER_KEY: state.shopperKey }),
    }),
    start('worker', { RELAYER_KEYS: token.relayerKey, ...metrics.worker.variables }),
    fund(chain, issuer, shopper.address),
  ])
  log(`gateway and worker, ${localUrl}`)
  return {
    url,
    localUrl,
    metricsUrls: { gateway: metrics.gateway.url, worker: metrics.worker.url },
    shop,
    state,
    shopper,
    receiver,
    chain,
    database,
    pids: () => ({
      postgres: postgres?.pid(),
      anvil: token.pid(),
      gateway: gateway.pid(),
      worker: worker.pid(),
    }),
  }
}

/** Notes how to end a part as soon as it is up. */
async function keep<Part extends { stop(): unknown }>(
  stops: Stops,
  starting: Promise<Part>,
): Promise<Part> {
  const part = await starting
  stops.push(() => part.stop())
  return part
}

async function seed(
  database: Database,
  shop: Shop,
  state: DevelopmentState,
  receiver: Receiver,
): Promise<void> {
  await seedShop({ db: database, clock: systemClock }, shop)
  await placeEndpoint(database, {
    id: state.endpointId,
    merchantId: shop.merchant.id,
    url: receiver.url,
    secret: state.webhookSecret,
    createdAt: systemClock.now(),
  })
}

/** A database that is somebody's own may hold real shops: the demo café must not sit among them. */
async function refuseStrangers(database: Database, shop: Shop): Promise<void> {
  const isKnown = await database.one(sql`select 1 from merchants where id = ${shop.merchant.id}`)
  if (isKnown === undefined && (await countMerchants(database)) > 0)
    throw new Error(
      'DATABASE_URL names a database that holds other merchants. Unset it, and npm start brings its own.',
    )
}

/** Sees to it that the demo shopper can pay for a while. */
async function fund(chain: Chain, issuer: Signer, shopper: Hex): Promise<void> {
  const { balance } = await chain.account(shopper)
  if (balance >= SHOPPER_LOW_WON) return
  const mint = mintCall(chain.token, shopper, SHOPPER_WON - balance)
  await callAndWait(chain, issuer, [mint])
}

async function startProcess(
  options: DevelopmentOptions,
  stops: Stops,
  name: 'gateway' | 'worker' | string,
  variables: Readonly<Record<string, string>>,
) {
  const logs = join(options.dataDir, 'logs')
  mkdirSync(logs, { recursive: true })
  const file = join(logs, `${name}.log`)
  const outputFd = openSync(file, 'a', 0o600)
  const child = await superviseProcess({
    name,
    command: process.execPath,
    args: [join(dirname(fileURLToPath(import.meta.url)), `${name}.js`)],
    // The key that fills the demo's accounts is no business of theirs.
    env: { ...options.environment, KAIA_FUNDED_KEY: undefined, ...variables },
    log: options.log,
    outputFd,
  }).catch((error: Error) => {
    throw new Error(`${error.message}\n  Its log is ${file}`)
  })
  stops.push(async () => {
    await child.stop()
    closeSync(outputFd)
  })
  return child
}

/** The port asked for, or a clear error; otherwise the one of the last run, or any that is free. */
async function choosePort(options: DevelopmentOptions, last: number | undefined): Promise<number> {
  if (options.port !== undefined) {
    const port = await listenOnce(options.host, options.port)
    if (port !== undefined) return port
    throw new Error(
      `Port ${options.port} is taken by another program. Choose another with --port, or leave it out for a free one.`,
    )
  }
  const again = last === undefined ? undefined : await listenOnce(options.host, last)
  const port = again ?? (await listenOnce(options.host, 0))
  if (port === undefined) throw new Error(`Nothing can listen on ${options.host}`)
  return port
}

function listenOnce(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(undefined))
    probe.listen(port, host, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
    })
  })
}

function isAnyHost(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** Where a phone of the same network finds a gateway that listens everywhere. */
function reachableHost(host: string): string {
  if (!isAnyHost(host)) return host
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const found = addresses.find((address) => address.family === 'IPv4' && !address.internal)
  return found?.address ?? '127.0.0.1'
}

function projectFolder(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '../..')
}
