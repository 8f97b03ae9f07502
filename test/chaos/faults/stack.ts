import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { createPublicClient, type Hex, http, type PublicClient } from 'viem'
import { keepDevelopmentChain } from '../../../src/apps/development-chain.ts'
import { type Shop, seedShop } from '../../../src/flows/seed-shop.ts'
import { reveal, secret } from '../../../src/kernel/secret.ts'
import { systemClock } from '../../../src/kernel/time.ts'
import { callAndWait, mintCall } from '../../../src/platform/chain/call.ts'
import { deployToken } from '../../../src/platform/chain/deploy.ts'
import { openEvmChain } from '../../../src/platform/chain/evm.ts'
import { openDatabase } from '../../../src/platform/db/db.ts'
import { migrate } from '../../../src/platform/db/migrate.ts'
import { type EmbeddedPostgres, startPostgres } from '../../../src/platform/embedded/postgres.ts'
import { freePort, sendSignal } from '../../../src/platform/embedded/process.ts'
import { type TemporaryFolder, temporaryFolder } from '../../../src/platform/embedded/temporary.ts'
import { localSigner } from '../../../src/platform/keys/local.ts'
import { startRedis } from '../../queue/servers.ts'
import { FUNDED_KEYS } from '../../support/anvil.ts'
import { type ChainMemory, openChainMemory } from './chain-memory.ts'
import { type Counts, openCounts } from './counts.ts'
import { type FaultyNode, openFaultyNode } from './faulty-node.ts'
import { accountOf, ENDPOINTS_OF, makePayers, makeShops, type Payer } from './people.ts'
import type { Plan, ProcessName } from './plan.ts'
import { type Product, startProduct } from './product.ts'
import { seeded } from './random.ts'
import { openReceiver, type Receiver } from './receivers.ts'
import { type Node, openNode } from './rpc.ts'
import { phaseAt } from './weather.ts'

const MIGRATIONS = join(import.meta.dirname, '../../../migrations')
const [DEPLOYER_KEY, LANE_1_KEY, LANE_2_KEY, MINTER_KEY] = FUNDED_KEYS
const CHAIN_ID = 31_337
const PAYER_WON = 1_000_000n
const GAS_MONEY = 10n ** 18n
const MOST_WON = 10n ** 13n

/** Everything of one run: the servers, the product's processes, and who plays with them. */
export type Stack = {
  readonly plan: Plan
  readonly folder: TemporaryFolder
  readonly counts: Counts
  /** The development chain itself. */
  readonly node: Node
  readonly client: PublicClient
  readonly token: Hex
  readonly lanes: readonly Hex[]
  readonly feeRecipient: Hex
  readonly payers: readonly Payer[]
  readonly shops: readonly Shop[]
  readonly receivers: readonly { readonly receiver: Receiver; readonly merchantId: string }[]
  readonly gateways: readonly string[]
  readonly product: Product
  readonly database: Pool
  readonly redis: { restart(): Promise<void>; flush(): Promise<void> } | undefined
  restartDatabase(): Promise<void>
  /** The first second of the weather is now. */
  begin(): void
  closeToSends(isClosed: boolean): void
  /** From now on every node tells the truth. */
  clear(): void
  stop(): Promise<void>
}

/** Our own way into the database, which survives its restarts. */
export type Pool = { rows<Row>(text: string, values?: readonly unknown[]): Promise<Row[]> }

type Ends = (() => unknown)[]

export async function openStack(plan: Plan, say: (line: string) => void): Promise<Stack> {
  const ends: Ends = []
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    return { ...(await openParts(plan, say, ends)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function openParts(
  plan: Plan,
  say: (line: string) => void,
  ends: Ends,
): Promise<Omit<Stack, 'stop'>> {
  const folder = temporaryFolder()
  const logs = join(folder.path, 'logs')
  mkdirSync(logs)
  say(`data folder ${folder.path}`)
  const counts = openCounts()
  const random = seeded(`baro chaos ${plan.seed}`)
  const quiet = () => {}
  const chain = await keepDevelopmentChain({ dataDir: folder.path, log: quiet, persist: false })
  ends.push(() => chain.stop())
  const database = await keepDatabase(folder.path, ends)
  const redis = plan.backend === 'redis' ? await openRedis(ends) : undefined
  await migrate(database.url, MIGRATIONS)

  const payers = makePayers(plan)
  const shops = makeShops(plan)
  const feeRecipient = lower(accountOf(plan, 'fees').address)
  const lanes = [LANE_1_KEY, LANE_2_KEY].map((key) => localSigner(secret(key)).address)
  const token = await deploy(plan, chain.url, { lanes, feeRecipient, payers })
  const node = openNode(chain.url)
  ends.push(() => node.close())
  await seed(database.url, shops)

  const addresses = payers.map(({ account }) => lower(account.address))
  const memory = await openChainMemory(node, token, { lanes, payers: addresses })
  ends.push(() => memory.close())
  const sky = openSky(plan)
  const nodes = await Promise.all(
    [0, 1].map((at) =>
      openNodeOf({ node, memory, counts, sky, at, random: random.branch(`node ${at}`) }),
    ),
  )
  ends.push(() => {
    for (const one of nodes) one.close()
  })

  const ports = await Promise.all([freePort(), freePort()])
  const product = await startProduct({
    folder: logs,
    counts,
    environmentOf: (name) =>
      environmentOf(name, {
        ...{ databaseUrl: database.url, redisUrl: redis?.url, token, nodes, ports },
      }),
  })
  ends.push(() => product.stop())
  const gateways = ports.map((port) => `http://127.0.0.1:${port}`)
  const receivers = await openReceivers(shops, gateways[0] ?? '', random.branch('webhooks'), counts)
  ends.push(() => {
    for (const { receiver } of receivers) receiver.close()
  })
  say(`${plan.backend}, ${gateways.join(' ')}, chain ${chain.url}`)
  return {
    ...{ plan, folder, counts, node, token, lanes, feeRecipient, payers, shops, receivers },
    ...{ gateways, product, redis, database: database.pool },
    client: createPublicClient({ transport: http(chain.url) }),
    restartDatabase: database.restart,
    ...{ begin: sky.begin, closeToSends: sky.closeToSends, clear: sky.clear },
  }
}

async function keepDatabase(dataDir: string, ends: Ends) {
  const log = () => {}
  let server: EmbeddedPostgres = await startPostgres({ dataDir, log })
  const { url, port } = server
  const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 3_000 })
  pool.on('error', () => {})
  let turn: Promise<void> = Promise.resolve()
  const restart = async () => {
    const { exited } = server
    sendSignal(server.pid, 'SIGKILL')
    await exited
    server = await startPostgres({ dataDir, port, log })
  }
  ends.push(async () => {
    await turn
    await pool.end()
    await server.stop()
  })
  return {
    url,
    pool: {
      rows: async (text: string, values: readonly unknown[] = []) =>
        (await pool.query(text, [...values])).rows,
    },
    restart: () => {
      turn = turn.then(restart)
      return turn
    },
  }
}

async function openRedis(ends: Ends) {
  const server = await startRedis(['--maxmemory-policy', 'noeviction'])
  ends.push(() => server.stop())
  const client = new Redis(server.url, { maxRetriesPerRequest: null })
  client.on('error', () => {})
  ends.push(() => client.disconnect())
  return {
    url: server.url,
    restart: server.restart,
    flush: async () => {
      await client.flushall()
    },
  }
}

type Chain = {
  readonly lanes: readonly Hex[]
  readonly feeRecipient: Hex
  readonly payers: readonly Payer[]
}

/** Deploys the token, funds the payers, and gives gas money to those who will send something themselves. */
async function deploy(plan: Plan, rpc: string, { lanes, feeRecipient, payers }: Chain) {
  const freezer = accountOf(plan, 'freezer').address
  const minter = localSigner(secret(MINTER_KEY))
  const { token } = await deployToken({
    ...{ rpc, deployerKey: DEPLOYER_KEY, pollMs: 50 },
    setUp: {
      ...{ owner: minter.address, pauser: minter.address, freezer, feeRecipient },
      ...{ feeCapBasisPoints: 300, supplyCap: MOST_WON },
      settlers: lanes.map((account) => ({ account, dailyLimit: MOST_WON })),
      minters: [{ account: minter.address, allowance: MOST_WON, dailyLimit: MOST_WON }],
    },
  })
  const chain = openEvmChain({ rpcUrls: [rpc], chainId: CHAIN_ID, token })
  const mints = payers.map(({ account }) => mintCall(token, lower(account.address), PAYER_WON))
  await callAndWait(chain, minter, mints)
  const senders = payers.filter(({ whim }) => whim === 'moves_its_won')
  const needy = [freezer, ...senders.map(({ account }) => account.address)]
  await callAndWait(
    chain,
    localSigner(secret(DEPLOYER_KEY)),
    needy.map((to) => ({ to, data: '0x', gas: 21_000n, value: GAS_MONEY })),
  )
  return lower(token)
}

async function seed(url: string, shops: readonly Shop[]): Promise<void> {
  const db = openDatabase({
    ...{ url, maxConnections: 2, applicationName: 'baro chaos', onIdleError: () => {} },
  })
  for (const shop of shops) await seedShop({ db, clock: systemClock }, shop)
  await db.close()
}

/** The clock of the weather, and the switch that ends it. */
function openSky({ weather }: Plan) {
  let startedAt: number | undefined
  let isClosed = false
  return {
    begin: () => {
      startedAt = performance.now()
    },
    clear: () => {
      startedAt = undefined
    },
    closeToSends: (closed: boolean) => {
      isClosed = closed
    },
    isClosedToSends: () => isClosed,
    phaseOf: (at: number) =>
      phaseAt(
        weather[at] ?? [],
        startedAt === undefined ? 0 : (performance.now() - startedAt) / 1_000,
      ),
  }
}

function openNodeOf(about: {
  readonly node: Node
  readonly memory: ChainMemory
  readonly counts: Counts
  readonly random: ReturnType<typeof seeded>
  readonly sky: ReturnType<typeof openSky>
  readonly at: number
}): Promise<FaultyNode> {
  const { sky, at, ...rest } = about
  return openFaultyNode({
    ...rest,
    phase: () => sky.phaseOf(at),
    isClosedToSends: sky.isClosedToSends,
  })
}

type Surroundings = {
  readonly databaseUrl: string
  readonly redisUrl: string | undefined
  readonly token: Hex
  readonly nodes: readonly FaultyNode[]
  readonly ports: readonly number[]
}

/** What an operator would set. Processes with an even number prefer the second node. */
function environmentOf(name: ProcessName, around: Surroundings): Record<string, string> {
  const number = Number(name.at(-1))
  const nodes = number === 1 ? around.nodes : around.nodes.toReversed()
  return {
    DATABASE_URL: around.databaseUrl,
    ...(around.redisUrl === undefined ? {} : { REDIS_URL: around.redisUrl }),
    CHAIN_RPC_URLS: nodes.map((node) => node.url).join(','),
    CHAIN_WS_URL: nodes[0]?.wsUrl ?? '',
    CHAIN_ID: String(CHAIN_ID),
    TOKEN_ADDRESS: around.token,
    WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
    WEBHOOK_REQUIRE_HTTPS: 'false',
    PUBLIC_REQUESTS_PER_MINUTE: '0',
    LOG_LEVEL: 'debug',
    ...(name.startsWith('gateway')
      ? { HOST: '127.0.0.1', PORT: String(around.ports[number - 1]) }
      : { RELAYER_KEYS: [LANE_1_KEY, LANE_2_KEY].join(',') }),
  }
}

/** Registers every merchant's servers, as the merchant would. */
async function openReceivers(
  shops: readonly Shop[],
  gateway: string,
  random: ReturnType<typeof seeded>,
  counts: Counts,
) {
  const opened: { receiver: Receiver; merchantId: string }[] = []
  for (const [at, shop] of shops.entries())
    for (let count = 0; count < (ENDPOINTS_OF[at] ?? 1); count++) {
      const receiver = await openReceiver(random.branch(`${at} ${count}`), counts)
      const answer = await fetch(`${gateway}/v1/webhook-endpoints`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${reveal(shop.merchantKey)}`,
        },
        body: JSON.stringify({ url: receiver.url }),
      })
      const { secret: own } = (await answer.json()) as { readonly secret?: string }
      if (own === undefined) throw new Error(`no endpoint: ${answer.status}`)
      receiver.trust(own)
      opened.push({ receiver, merchantId: shop.merchant.id })
    }
  return opened
}

function lower(address: string): Hex {
  return address.toLowerCase() as Hex
}
