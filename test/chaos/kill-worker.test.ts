import { Webhook } from 'standardwebhooks'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seoulDay } from '../../src/kernel/time.ts'
import { PAID_TOPIC } from '../../src/platform/chain/logs.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { bearer, waitForEnd } from '../support/sale.ts'
import { eventually } from './eventually.ts'
import { openPool, type Pool } from './pool.ts'
import { ask, type KillPoint, type Rig, type Sale } from './rig.ts'
import { OPENING_STEPS, SALE_STEPS, type Step } from './steps.ts'

/** Rigs that work side by side: their databases, tokens, lanes and workers are their own. */
const RIGS = 3
const LIMIT_MS = 120_000
const KILL_MS = 20_000

/**
 * Every gap between two steps. A step that leaves nothing behind at once, because it only reads or can be rolled back,
 * has one side: dying before it is dying after the step before it.
 */
const pointsOf = (steps: readonly Step[]): KillPoint[] =>
  steps.flatMap((step) => [
    ...(step.isDone === undefined ? [] : [{ step, side: 'before' as const }]),
    { step, side: 'after' as const },
  ])
const named = (points: readonly KillPoint[]) =>
  points.map((point) => [`${point.side} it ${point.step.name}`, point] as const)

describe.concurrent('a worker that is killed', () => {
  let pool: Pool
  beforeAll(() => {
    pool = openPool(RIGS)
  })
  afterAll(() => pool.close(), LIMIT_MS)

  it('does nothing for a sale that has no name here', { timeout: LIMIT_MS }, () =>
    pool.use({ isVirgin: true }, async (rig) => {
      const seen: string[] = []
      const unknown: string[] = []
      let isServing = false
      rig.watch({
        after: async (exchange, step) => {
          // The queue's own migrations and greetings come before any sale can.
          const isGreeting = exchange.wire === 'queue' && !isServing
          if (step === undefined && !isGreeting) unknown.push(`${exchange.wire}: ${exchange.text}`)
          if (step !== undefined && step !== 'routine') seen.push(step.name)
          return 'pass'
        },
      })
      await rig.startWorker()
      isServing = true
      const sale = await rig.confirm(await rig.openSale())
      await assertSold(rig, sale)
      expect(unknown).toEqual([])
      const all = [...OPENING_STEPS, ...SALE_STEPS].map((step) => step.name)
      const firsts = [...new Set(seen)]
      expect(firsts.toSorted()).toEqual(all.toSorted())
      // The relay and the queue work beside the lane and the watcher; each of them keeps its order.
      for (const wires of [['database', 'chain', 'merchant'], ['queue']]) {
        const isOf = (name: string) => /outbox|queue/.test(name) === wires.includes('queue')
        expect(firsts.filter(isOf)).toEqual(all.filter(isOf))
      }
    }),
  )

  it.each(named(pointsOf(OPENING_STEPS)))(
    'as it starts, %s, leaves a sale to the next',
    { timeout: LIMIT_MS },
    (_words, point) =>
      pool.use({ isVirgin: true }, async (rig) => {
        const sale = await rig.confirm(await rig.openSale())
        const killed = rig.arm(point)
        await rig.startWorker(false)
        await assertRecovered(rig, point, killed, sale)
      }),
  )

  it.each(named(pointsOf(SALE_STEPS)))(
    '%s leaves one settlement and one webhook-id',
    { timeout: LIMIT_MS },
    (_words, point) =>
      pool.use({}, async (rig) => {
        await rig.startWorker()
        const invoice = await rig.openSale()
        const killed = rig.arm(point)
        const sale = await rig.confirm(invoice)
        await assertRecovered(rig, point, killed, sale)
      }),
  )

  it.each(
    named(
      pointsOf(SALE_STEPS).filter(
        ({ step, side }) =>
          side === 'after' && /^(commits the journal|posts the webhook)$/.test(step.name),
      ),
    ),
  )(
    '%s is replaced when its leases run out by themselves',
    { timeout: LIMIT_MS },
    (_words, point) =>
      pool.use({}, async (rig) => {
        await rig.startWorker()
        const invoice = await rig.openSale()
        const killed = rig.arm(point)
        const sale = await rig.confirm(invoice)
        await assertRecovered(rig, point, killed, sale, 'in real time')
      }),
  )
})

async function assertRecovered(
  rig: Rig,
  { step, side }: KillPoint,
  killed: Promise<void>,
  sale: Sale,
  pace: 'at once' | 'in real time' = 'at once',
): Promise<void> {
  await within(KILL_MS, killed, () => `the worker never came to: ${step.name}; ${rig.output()}`)
  if (step.isDone !== undefined) expect(await step.isDone(rig.scene(sale))).toBe(side === 'after')
  if (pace === 'at once') await rig.expireLeases()
  await rig.startWorker()
  await assertSold(rig, sale)
}

async function assertSold(rig: Rig, sale: Sale): Promise<void> {
  const { world } = rig
  expect(await waitForEnd(world, sale.invoice)).toMatchObject({
    status: 'paid',
    payment: { id: sale.paymentId, status: 'settled' },
  })
  await rig.quiet()
  await assertOnChain(rig, sale)
  await assertBooked(rig, sale)
  assertTold(rig, sale)
}

async function assertOnChain({ world }: Rig, sale: Sale): Promise<void> {
  const { deps, chain, shop } = world
  const topic = `0x${sale.chainInvoice.slice(2).padEnd(64, '0')}`
  const logs = await ask<readonly unknown[]>(world, 'eth_getLogs', [
    { address: chain.token, fromBlock: '0x0', toBlock: 'latest', topics: [PAID_TOPIC, topic] },
  ])
  expect(logs).toHaveLength(1)
  const account = await deps.chain.account(shop.merchant.settlementAddress)
  expect(account.balance).toBe(sale.balanceBefore + sale.net)
  const lane = await deps.db.one<{ address: string; next_nonce: bigint }>(
    sql`select address, next_nonce from lanes`,
  )
  const spent = await ask<string>(world, 'eth_getTransactionCount', [lane?.address, 'latest'])
  expect(BigInt(spent)).toBe(lane?.next_nonce)
}

async function assertBooked({ world }: Rig, sale: Sale): Promise<void> {
  const { db } = world.deps
  const booked = await db.one(sql`
    select
      (select count(*)::int from payments where invoice_id = ${sale.invoice.id}) as payments,
      (select count(*)::int from batch_payments where payment_id = ${sale.paymentId}) as rides,
      (select count(*)::int from chain_events where payment_id = ${sale.paymentId}) as logs,
      (select count(*)::int from ledger_transactions where payment_id = ${sale.paymentId}) as entries,
      (select sum(amount)::int from ledger_postings where transaction_id = ${`settle:${sale.paymentId}`}) as sum,
      (select sum(amount)::int from ledger_postings where transaction_id = ${`settle:${sale.paymentId}`}
        and account = ${`merchant:${world.shop.merchant.id}`}) as net,
      (select count(*)::int from events where aggregate_id = ${sale.paymentId}) as events,
      (select count(*)::int from webhook_deliveries where event_id = ${sale.eventId}
        and status = 'delivered') as delivered`)
  expect(booked).toEqual({
    payments: 1,
    rides: 1,
    logs: 1,
    entries: 1,
    sum: 0,
    net: Number(sale.net),
    events: 1,
    delivered: 1,
  })
  const settled = await db.one<{ settled_at: Date }>(
    sql`select settled_at from payments where id = ${sale.paymentId}`,
  )
  const statement = await supertest(world.app.server)
    .get(`/v1/statements/${seoulDay(settled?.settled_at ?? new Date(0))}`)
    .set(bearer(world.merchantKey))
  expect(statement.body.matches).toBe(true)
  const rows: readonly { payment_id: string; net: number }[] = statement.body.rows
  expect(rows.filter((row) => row.payment_id === sale.paymentId)).toMatchObject([
    { net: Number(sale.net) },
  ])
}

function assertTold({ deliveries, secret }: Rig, sale: Sale): void {
  const told = deliveries.filter((one) => one.body.includes(sale.paymentId))
  expect(told.length).toBeGreaterThan(0)
  expect(new Set(told.map((one) => one.headers['webhook-id']))).toEqual(new Set([sale.eventId]))
  expect(new Set(told.map((one) => one.body)).size).toBe(1)
  for (const { body, headers } of told) new Webhook(secret).verify(body, { ...headers })
}

async function within(limitMs: number, work: Promise<void>, words: () => string): Promise<void> {
  let isDone = false
  const done = work.then(() => {
    isDone = true
  })
  await Promise.race([done, eventually('', async () => isDone, limitMs).catch(() => {})])
  if (!isDone) throw new Error(words())
}
