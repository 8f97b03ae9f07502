import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, openInvoice, pay, waitForEnd } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

describe('a sale', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
    await world.startWorker()
  })
  afterAll(() => world.close())

  it('goes from an invoice to a settled payment, a ledger entry and a statement row', async () => {
    const invoice = await openInvoice(world, { order_id: 'A-1' })
    await pay(world, invoice.code, world.shopper)
    const paid = await waitForEnd(world, invoice)
    expect(paid).toMatchObject({
      status: 'paid',
      payment: { status: 'settled', amount: 4500, fee: 36, net: 4464 },
    })
    const day = new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10)
    const statement = await supertest(world.app.server)
      .get(`/v1/statements/${day}`)
      .set(bearer(world.merchantKey))
    expect(statement.body).toMatchObject({
      matches: true,
      totals: { count: 1, gross: 4500, fee: 36, net: 4464 },
    })
    const account = await world.deps.chain.account(world.shop.merchant.settlementAddress)
    expect(account.balance).toBe(4464n)
  })
})
