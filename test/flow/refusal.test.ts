import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callAndWait, mintCall } from '../../src/platform/chain/call.ts'
import { send } from '../support/http.ts'
import { openInvoice, pay, waitForEnd } from '../support/sale.ts'
import { goBroke } from '../support/token-calls.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

describe('a payer who goes broke after the 202', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const invoiceNow = async (id: string) =>
    (await send(world, { path: `/v1/invoices/${id}`, key: world.merchantKey })).body
  const eventsOf = async (paymentId: string) =>
    (await send(world, { path: '/v1/events', key: world.merchantKey })).body.data.filter(
      (one: { data: { object: { id: string } } }) => one.data.object.id === paymentId,
    )

  it('is refused with the reason of the chain, the invoice opens again, and they can pay it', async () => {
    const [broke, honest] = await world.fundShoppers(2)
    if (broke === undefined || honest === undefined) throw new Error('no shoppers')
    const invoice = await openInvoice(world)
    const beside = await openInvoice(world)
    await pay(world, invoice.code, broke)
    await pay(world, beside.code, honest)
    await goBroke(world, broke)

    const worker = await world.startWorker()
    const refused = await until('the refusal', async () => {
      const now = await invoiceNow(invoice.id)
      return now.status !== 'paying' && now
    })
    expect(refused).toMatchObject({ status: 'open', payment: { reason: 'funds', tx_hash: null } })
    expect((await waitForEnd(world, beside)).status).toBe('paid')
    expect(await eventsOf(refused.payment.id)).toMatchObject([
      {
        type: 'payment.refused',
        data: { object: { status: 'refused', reason: 'funds', invoice_id: invoice.id } },
      },
    ])

    const { chain, deps } = world
    await callAndWait(deps.chain, chain.minter, [mintCall(chain.token, broke.address, 4_500n)])
    await pay(world, invoice.code, broke)
    const paid = await waitForEnd(world, invoice)
    expect(paid).toMatchObject({ status: 'paid', payment: { status: 'settled' } })
    await worker.stop()
    expect((await deps.chain.account(broke.address)).balance).toBe(0n)
    const ledger = await deps.db.many({
      text: `select t.id from ledger_transactions t join payments p on p.id = t.payment_id
        where p.invoice_id = $1`,
      values: [invoice.id],
    })
    expect(ledger).toHaveLength(1)
  })

  it('leaves the invoice expired when its time is over by then', async () => {
    const [broke] = await world.fundShoppers(1)
    if (broke === undefined) throw new Error('no shopper')
    const invoice = await openInvoice(world)
    await pay(world, invoice.code, broke)
    await goBroke(world, broke)
    await world.deps.db.many({
      text: `update invoices set expires_at = now() - interval '1 second' where id = $1`,
      values: [invoice.id],
    })
    const worker = await world.startWorker()
    const end = await waitForEnd(world, invoice)
    await worker.stop()
    expect(end).toMatchObject({
      status: 'expired',
      payment: { status: 'refused', reason: 'funds' },
    })
    const told = await world.deps.db.many({
      text: 'select type from events where aggregate_id = $1',
      values: [invoice.id],
    })
    expect(told).toEqual([{ type: 'invoice.expired' }])
    const nonces = await world.deps.db.many({
      text: 'select nonce from payer_nonces where payer = $1',
      values: [broke.address],
    })
    expect(nonces).toEqual([])
  })
})
