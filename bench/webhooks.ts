import { setTimeout as sleep } from 'node:timers/promises'
import { type Event, eventOf } from '../src/domains/webhooks/event.ts'
import { recordEvents } from '../src/domains/webhooks/store.ts'
import { deliverWebhookJob } from '../src/flows/jobs.ts'
import type { Shop } from '../src/flows/seed-shop.ts'
import { newId } from '../src/kernel/ids.ts'
import { enqueue } from '../src/platform/db/outbox.ts'
import { type SaleStack, startSaleStack, webhooksOf } from './settle/sale-stack.ts'
import { runChild } from './stack/child.ts'
import { progress, report, round } from './stack/figures.ts'
import { median } from './stack/rate.ts'
import { startStack, toolsOf } from './stack/stack.ts'
import type { BareTask } from './webhooks/bare.ts'

const ROUNDS = 3
const EVENTS = 4_000
const EVENTS_A_TRANSACTION = 400
const LIMIT_MS = 30_000
/** Each delivery is claimed, signed and recorded with its attempt: it may cost a few times what a bare POST does. */
const MIN_RATIO = 0.1

/** `npm run -s bench -- webhooks [--json]`: recorded events to a local receiver, beside a bare loop of undici. */
export async function main(flags: readonly string[]): Promise<number> {
  const stack = await startStack(toolsOf(flags))
  try {
    const sale = await startSaleStack(stack)
    const rounds: { baro: number; bare: number }[] = []
    await deliverAll(sale, 400)
    for (let at = 0; at < ROUNDS; at++) {
      const baro = await deliverAll(sale, EVENTS)
      const bare = await postAll(sale)
      rounds.push({ baro, bare })
      progress(`round ${at + 1}: ${Math.round(baro)} against ${Math.round(bare)} a second`)
    }
    const { waiting, rows, attempts } = await webhooksOf(sale)
    const ratio = round(median(rounds.map((one) => one.baro / one.bare)), 3)
    await sale.stop()
    const result = {
      name: 'webhooks',
      deliveries_per_second: round(median(rounds.map((one) => one.baro))),
      endpoints: sale.shops.length,
      deliveries: rows,
      attempts,
      peer: {
        name: 'a bare loop of undici',
        posts_per_second: round(median(rounds.map((one) => one.bare))),
      },
      ratio,
    }
    return report(flags, result, [
      [waiting === 0, `${waiting} webhooks were not delivered`],
      [attempts === rows, `${attempts} attempts for ${rows} deliveries`],
      [ratio >= MIN_RATIO, `${ratio} of the bare loop's rate`],
    ])
  } finally {
    await stack.stop()
  }
}

/** Records events as a settlement does, and waits until the worker has delivered them all. Deliveries a second. */
async function deliverAll(sale: SaleStack, count: number): Promise<number> {
  const { database } = sale.stack
  const begin = performance.now()
  for (let at = 0; at < count; at += EVENTS_A_TRANSACTION) {
    const events = Array.from({ length: Math.min(EVENTS_A_TRANSACTION, count - at) }, (_, index) =>
      paymentEvent(sale.shops[index % sale.shops.length]),
    )
    await database.transaction(async (tx) => {
      await enqueue(tx, deliverWebhookJob, await recordEvents(tx, events))
    })
  }
  const end = performance.now() + LIMIT_MS
  while ((await webhooksOf(sale)).waiting > 0 && performance.now() < end) await sleep(20)
  return (1_000 * count) / (performance.now() - begin)
}

async function postAll({ receiver, shops }: SaleStack): Promise<number> {
  const bodies = shops.map((shop) => paymentEvent(shop).body)
  const task: BareTask = { url: receiver.url, bodies, count: EVENTS, atOnce: shops.length * 8 }
  const { seconds } = await runChild<BareTask, { seconds: number }>('webhooks/bare', task)
  return EVENTS / seconds
}

/** An event as large as that of a settled payment. */
function paymentEvent(shop: Shop | undefined): Event {
  if (shop === undefined) throw new Error('there is no shop')
  const at = new Date()
  const id = newId('pay', at)
  return eventOf({
    merchantId: shop.merchant.id,
    type: 'payment.settled',
    aggregateId: id,
    sequence: 1,
    object: {
      ...{ id, object: 'payment', status: 'settled', invoice_id: newId('inv', at), amount: 4_500 },
      ...{ fee: 36, net: 4_464, currency: 'KRW', payer: shop.merchant.settlementAddress },
      ...{ reason: null, chain_id: 31_337, tx_hash: `0x${'ab'.repeat(32)}`, block_number: 1_000 },
      ...{ log_index: 1, created_at: at.toISOString(), settled_at: at.toISOString() },
    },
    at,
  })
}
