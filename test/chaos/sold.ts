import { Webhook } from 'standardwebhooks'
import supertest from 'supertest'
import { expect } from 'vitest'
import { seoulDay } from '../../src/kernel/time.ts'
import { PAID_TOPIC } from '../../src/platform/chain/logs.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { bearer, waitForEnd } from '../support/sale.ts'
import { ask, merchantBalance, type Rig, type Sale } from './rig.ts'

/** Waits for the end of a sale and for quiet, then looks at everything that a sale may leave behind, each thing once. */
export async function assertSold(rig: Rig, sale: Sale): Promise<void> {
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
  const { deps, chain } = world
  const topic = `0x${sale.chainInvoice.slice(2).padEnd(64, '0')}`
  const logs = await ask<readonly unknown[]>(world, 'eth_getLogs', [
    { address: chain.token, fromBlock: '0x0', toBlock: 'latest', topics: [PAID_TOPIC, topic] },
  ])
  expect(logs).toHaveLength(1)
  expect(await merchantBalance(world)).toBe(sale.balanceBefore + sale.net)
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
