import { Webhook } from 'standardwebhooks'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send } from '../support/http.ts'
import { openReceiver } from '../support/receiver.ts'
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
    expect(statement.body.matches).toBe(true)
    const rows: { invoice_id: string; net: number }[] = statement.body.rows
    expect(rows.filter((row) => row.invoice_id === invoice.id)).toMatchObject([
      { type: 'sale', order_id: 'A-1', gross: 4500, fee: 36, net: 4464 },
    ])
    const account = await world.deps.chain.account(world.shop.merchant.settlementAddress)
    expect(account.balance).toBe(BigInt(rows.reduce((total, row) => total + row.net, 0)))
  })

  it('is told to the merchant by one signed webhook that says what the API says', async () => {
    const receiver = await openReceiver()
    const { body: endpoint } = await send(world, {
      method: 'post',
      path: '/v1/webhook-endpoints',
      key: world.merchantKey,
      body: { url: receiver.url },
    })
    const invoice = await openInvoice(world)
    await pay(world, invoice.code, world.shopper)
    const { payment } = await waitForEnd(world, invoice)
    const [request] = await receiver.waitFor(1)
    const event = new Webhook(endpoint.secret).verify(request?.body ?? '', { ...request?.headers })
    expect(event).toMatchObject({
      id: request?.id,
      type: 'payment.settled',
      data: { object: payment },
    })
    const { body: pulled } = await send(world, { path: '/v1/events', key: world.merchantKey })
    expect(pulled.data).toContainEqual(event)
    expect(receiver.received).toHaveLength(1)
    await receiver.close()
  })
})
