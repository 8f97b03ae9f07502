import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createPublicClient, http, type PublicClient } from 'viem'
import { keepDevelopmentChain } from '../../../src/apps/development-chain.ts'
import { type Shop, seedShop } from '../../../src/flows/seed-shop.ts'
import { reveal } from '../../../src/kernel/secret.ts'
import { systemClock } from '../../../src/kernel/time.ts'
import { openDatabase } from '../../../src/platform/db/db.ts'
import { migrate } from '../../../src/platform/db/migrate.ts'
import { freePort } from '../../../src/platform/embedded/process.ts'
import { type TemporaryFolder, temporaryFolder } from '../../../src/platform/embedded/temporary.ts'
import { openChainMemory } from './chain-memory.ts'
import { type Counts, openCounts } from './counts.ts'
import type { FaultyNode } from './faulty-node.ts'
import { ENDPOINTS_OF, makePayers, makeShops, type Payer } from './people.ts'
import type { Plan, ProcessName } from './plan.ts'
import { type Product, startProduct } from './product.ts'
import { type Random, seeded } from './random.ts'
import { openReceiver, type Receiver } from './receivers.ts'
import { type Node, openNode } from './rpc.ts'
import { type DatabaseServer, keepDatabase, keepRedis, type RedisServer } from './servers.ts'
import { openSky, type Sky } from './sky.ts'
import { CHAIN_ID, deploy, LANE_KEYS, lower, type Token } from './token.ts'

const MIGRATIONS = join(import.meta.dirname, '../../../migrations')

/** A merchant's server and whose it is. */
export type Listener = { readonly receiver: Receiver; readonly merchantId: string }

/** Everything of one run: the servers, the product's processes, and who plays with them. */
export type Stack = {
  readonly plan: Plan
  readonly folder: TemporaryFolder
  readonly counts: Counts
  /** The development chain itself. */
  readonly node: Node
  readonly client: PublicClient
  readonly token: Token
  readonly payers: readonly Payer[]
  readonly shops: readonly Shop[]
  readonly listeners: readonly Listener[]
  readonly gateways: readonly string[]
  readonly product: Product
  readonly database: DatabaseServer
  readonly redis: RedisServer | undefined
  readonly sky: Sky
  stop(): Promise<void>
}

type Ends = (() => unknown)[]

/** Starts everything, or nothing. */
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
  const dataDir = folder.path
  say(`data folder ${dataDir}`)
  const counts = openCounts()
  const chain = await keepDevelopmentChain({ dataDir, log: () => {}, persist: false })
  ends.push(() => chain.stop())
  const database = await keepDatabase(dataDir)
  ends.push(() => database.stop())
  const redis = plan.backend === 'redis' ? await keepRedis() : undefined
  ends.push(() => redis?.stop())
  await migrate(database.url, MIGRATIONS)

  const [payers, shops] = [makePayers(plan), makeShops(plan)]
  const token = await deploy(plan, chain.url, payers)
  await seed(database.url, shops)
  const node = openNode(chain.url)
  ends.push(() => node.close())
  const addresses = payers.map(({ account }) => lower(account.address))
  const memory = await openChainMemory(node, token, addresses)
  ends.push(() => memory.close())
  const sky = await openSky(plan, { node, memory, counts })
  ends.push(() => sky.close())

  const ports = await Promise.all([freePort(), freePort()])
  const around = { databaseUrl: database.url, redisUrl: redis?.url, token, nodes: sky.nodes, ports }
  const logs = join(dataDir, 'logs')
  mkdirSync(logs)
  const product = await startProduct({
    ...{ folder: logs, counts },
    environmentOf: (name) => environmentOf(name, around),
  })
  ends.push(() => product.stop())
  const gateways = ports.map((port) => `http://127.0.0.1:${port}`)
  const random = seeded(`baro chaos ${plan.seed}/webhooks`)
  const listeners = await openListeners(shops, gateways[0] ?? '', random, counts)
  ends.push(() => {
    for (const { receiver } of listeners) receiver.close()
  })
  say(`${plan.backend}, ${gateways.join(' ')}, chain ${chain.url}`)
  return {
    ...{ plan, folder, counts, node, token, payers, shops, listeners },
    ...{ gateways, product, database, redis, sky },
    client: createPublicClient({ transport: http(chain.url) }),
  }
}

async function seed(url: string, shops: readonly Shop[]): Promise<void> {
  const db = openDatabase({
    ...{ url, maxConnections: 2, applicationName: 'baro chaos', onIdleError: () => {} },
  })
  for (const shop of shops) await seedShop({ db, clock: systemClock }, shop)
  await db.close()
}

type Surroundings = {
  readonly databaseUrl: string
  readonly redisUrl: string | undefined
  readonly token: Token
  readonly nodes: readonly FaultyNode[]
  readonly ports: readonly number[]
}

/** What an operator would set. The second gateway and the second worker prefer the second node. */
function environmentOf(name: ProcessName, around: Surroundings): Record<string, string> {
  const number = Number(name.at(-1))
  const nodes = number === 1 ? around.nodes : around.nodes.toReversed()
  return {
    DATABASE_URL: around.databaseUrl,
    ...(around.redisUrl === undefined ? {} : { REDIS_URL: around.redisUrl }),
    CHAIN_RPC_URLS: nodes.map((node) => node.url).join(','),
    CHAIN_WS_URL: nodes[0]?.wsUrl ?? '',
    CHAIN_ID: String(CHAIN_ID),
    TOKEN_ADDRESS: around.token.address,
    WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
    WEBHOOK_REQUIRE_HTTPS: 'false',
    PUBLIC_REQUESTS_PER_MINUTE: '0',
    // A quarter of the payments waits for a second node that shows them too.
    AGREE_ABOVE_WON: '30000',
    LOG_LEVEL: 'debug',
    ...(name.startsWith('gateway')
      ? { HOST: '127.0.0.1', PORT: String(around.ports[number - 1]) }
      : { RELAYER_KEYS: LANE_KEYS.join(',') }),
  }
}

/** Registers every merchant's servers, as the merchant would. */
async function openListeners(
  shops: readonly Shop[],
  gateway: string,
  random: Random,
  counts: Counts,
): Promise<Listener[]> {
  const opened: Listener[] = []
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
