import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { keyOf, startSaleStack } from './settle/sale-stack.ts'
import { type Client, jsonPost, openClient } from './stack/client.ts'
import { progress, report, round } from './stack/figures.ts'
import { median, rateOf } from './stack/rate.ts'
import { startStack, toolsOf } from './stack/stack.ts'

const ROUNDS = 3
const ROUND_MS = 6_000
const WARM_UP_MS = 2_000
const AT_ONCE = 32
/** A real invoice is checked, keyed, and unique in its store: it may cost a few times what one bare insert does. */
const MIN_RATIO = 0.15

/** `npm run -s bench -- invoices [--json]`: POST /v1/invoices beside a bare route with one insert, in turns. */
export async function main(flags: readonly string[]): Promise<number> {
  const stack = await startStack(toolsOf(flags))
  try {
    const sale = await startSaleStack(stack, 1)
    const bare = await startBare(stack.databaseUrl)
    const [shop] = sale.shops
    if (shop === undefined) throw new Error('there is no shop')
    const clients = {
      baro: openClient(sale.url, AT_ONCE),
      bare: openClient(bare.url, AT_ONCE),
    }
    const authorization = `Bearer ${keyOf(shop)}`
    let orders = 0
    const request = () => {
      orders += 1
      const body = { amount: 4_500, terminal_id: shop.terminal.id, order_id: `order-${orders}` }
      return jsonPost('/v1/invoices', body, { authorization })
    }
    const measure = (client: Client, milliseconds: number) =>
      rateOf(client, { milliseconds, atOnce: AT_ONCE, status: 201, request })
    await measure(clients.baro, WARM_UP_MS)
    await measure(clients.bare, WARM_UP_MS)
    const rounds: { baro: number; bare: number; failed: number }[] = []
    for (let at = 0; at < ROUNDS; at++) {
      const baro = await measure(clients.baro, ROUND_MS)
      const peer = await measure(clients.bare, ROUND_MS)
      const failed = baro.failed + peer.failed
      rounds.push({ baro: baro.perSecond, bare: peer.perSecond, failed })
      progress(
        `round ${at + 1}: ${Math.round(baro.perSecond)} against ${Math.round(peer.perSecond)}`,
      )
    }
    for (const client of Object.values(clients)) client.close()
    bare.stop()
    const ratio = round(median(rounds.map((one) => one.baro / one.bare)), 3)
    const failed = rounds.reduce((sum, one) => sum + one.failed, 0)
    const result = {
      name: 'invoices',
      invoices_per_second: round(median(rounds.map((one) => one.baro))),
      failed,
      at_once: AT_ONCE,
      peer: {
        name: 'a bare Fastify route with one insert',
        invoices_per_second: round(median(rounds.map((one) => one.bare))),
      },
      ratio,
    }
    await sale.stop()
    return report(flags, result, [
      [failed === 0, `${failed} requests failed`],
      [ratio >= MIN_RATIO, `${ratio} of the bare route's rate`],
    ])
  } finally {
    await stack.stop()
  }
}

async function startBare(databaseUrl: string): Promise<{ readonly url: string; stop(): void }> {
  const child = fork(join(import.meta.dirname, 'run.mjs'), ['invoices/bare'], {
    env: { BARE_DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  return { url, stop: () => child.disconnect() }
}
