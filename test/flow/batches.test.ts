import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leadLane } from '../support/lane.ts'
import { openInvoice, pay, waitForEnd } from '../support/sale.ts'
import { pause, unpause } from '../support/token-calls.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

type Ride = { readonly batch_id: string; readonly payment_id: string; readonly status: string }

describe('a settlement batch', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const ridesOf = (invoiceIds: readonly string[]) =>
    world.deps.db.many<Ride>({
      text: `select bp.batch_id, bp.payment_id, b.status from batch_payments bp
        join settlement_batches b on b.id = bp.batch_id
        join payments p on p.id = bp.payment_id where p.invoice_id = any($1) order by b.nonce`,
      values: [invoiceIds],
    })
  const sold = async (count: number) => {
    const shoppers = await world.fundShoppers(count)
    return Promise.all(
      shoppers.map(async (shopper) => {
        const invoice = await openInvoice(world)
        await pay(world, invoice.code, shopper)
        return invoice
      }),
    )
  }

  it('settles forty payments that wait, in one transaction of one block', async () => {
    const invoices = await sold(40)
    const worker = await world.startWorker()
    const ends = []
    for (const invoice of invoices) ends.push(await waitForEnd(world, invoice))
    await worker.stop()
    expect(ends.map((one) => one.status)).toEqual(Array(40).fill('paid'))
    const payments = ends.map((one) => one.payment as { tx_hash: string; log_index: number })
    expect(new Set(payments.map((one) => one.tx_hash)).size).toBe(1)
    expect(new Set(payments.map((one) => one.log_index)).size).toBe(40)
    const rides = await ridesOf(invoices.map((one) => one.id))
    expect(rides).toHaveLength(40)
    expect(new Set(rides.map((one) => one.batch_id)).size).toBe(1)
  })

  it('is not even journaled while the token would refuse it', async () => {
    const invoices = await sold(1)
    await pause(world)
    const lane = await leadLane(world)
    expect(await lane.journal()).toBeUndefined()
    await lane.drop()
    expect(await ridesOf(invoices.map((one) => one.id))).toEqual([])
    await unpause(world)
    const worker = await world.startWorker()
    for (const invoice of invoices) expect((await waitForEnd(world, invoice)).status).toBe('paid')
    await worker.stop()
  })

  it('that was mined as failed gives its payments to the next one, and each settles once', async () => {
    const invoices = await sold(3)
    const ids = invoices.map((one) => one.id)
    const lane = await leadLane(world)
    expect(await lane.journal()).toMatchObject({ address: lane.signer.address })
    await lane.drop()
    await pause(world)

    const worker = await world.startWorker()
    await until('a batch that failed', async () =>
      (await ridesOf(ids)).some((ride) => ride.status === 'failed'),
    )
    const waiting = await world.deps.db.many<{ status: string }>({
      text: 'select status from payments where invoice_id = any($1)',
      values: [ids],
    })
    expect(waiting.map((one) => one.status)).toEqual(Array(3).fill('settling'))
    await unpause(world)
    for (const invoice of invoices)
      expect(await waitForEnd(world, invoice)).toMatchObject({ payment: { status: 'settled' } })
    await worker.stop()
    expect((await ridesOf(ids)).map((ride) => ride.status)).toEqual([
      ...Array(3).fill('failed'),
      ...Array(3).fill('mined'),
    ])
    const posted = await world.deps.db.many({
      text: `select t.id from ledger_transactions t join payments p on p.id = t.payment_id
        where p.invoice_id = any($1)`,
      values: [ids],
    })
    expect(posted).toHaveLength(3)
  }, 60_000)
})
