import type { Shop } from '../../src/flows/seed-shop.ts'
import { reveal } from '../../src/kernel/secret.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { openRpcCounter, type RpcCounter } from '../stack/counter.ts'
import { openReceiver, type Receiver } from '../stack/receiver.ts'
import { openShops } from '../stack/shops.ts'
import { type App, freePort, type Stack } from '../stack/stack.ts'
import { deploy, RELAYER, type Token } from './token.ts'

const SHOPS = 20

/** Gateway and worker on the stack, twenty shops whose backends hear of everything, and a counter before the chain. */
export type SaleStack = {
  readonly stack: Stack
  readonly token: Token
  readonly shops: readonly Shop[]
  readonly receiver: Receiver
  readonly counter: RpcCounter
  readonly gateway: App
  readonly worker: App
  readonly url: string
  /** Ends gateway, worker and what only they need; the stack stays. */
  stop(): Promise<void>
}

export async function startSaleStack(stack: Stack, shopCount = SHOPS): Promise<SaleStack> {
  const [receiver, counter, token] = await Promise.all([
    openReceiver(),
    openRpcCounter(stack.chainUrl),
    deploy(stack.chainUrl),
  ])
  const shops = await openShops(stack.database, shopCount, receiver.url)
  const port = await freePort()
  const shared = {
    CHAIN_RPC_URLS: counter.url,
    CHAIN_WS_URL: stack.chainUrl.replace('http', 'ws'),
    CHAIN_ID: String(token.chain.chainId),
    TOKEN_ADDRESS: token.chain.token,
    WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
    WEBHOOK_REQUIRE_HTTPS: 'false',
  }
  const [gateway, worker] = await Promise.all([
    stack.start('gateway', { ...shared, PORT: String(port), PUBLIC_REQUESTS_PER_MINUTE: '0' }),
    stack.start('worker', { ...shared, RELAYER_KEYS: RELAYER }),
  ])
  return {
    ...{ stack, token, shops, receiver, counter, gateway, worker },
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await Promise.all([gateway.stop(), worker.stop()])
      counter.stop()
      receiver.stop()
    },
  }
}

/** What became of the webhooks: how many there are, and how many are not delivered yet. */
export async function webhooksOf({ stack }: SaleStack) {
  const row = await stack.database.one<{ rows: number; waiting: number; attempts: number }>(sql`
    select count(*)::int as rows, (count(*) filter (where status <> 'delivered'))::int as waiting,
      coalesce(sum(attempts), 0)::int as attempts
    from webhook_deliveries`)
  return { rows: row?.rows ?? 0, waiting: row?.waiting ?? 0, attempts: row?.attempts ?? 0 }
}

export const keyOf = (shop: Shop): string => reveal(shop.merchantKey)
