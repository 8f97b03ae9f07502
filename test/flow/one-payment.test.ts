import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { expectProblem, send } from '../support/http.ts'
import { confirm, openInvoice, signTerms, waitForEnd } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

type Phone = { readonly shopper: Signer; readonly signature: Hex }

describe('one invoice', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const paymentsOf = (invoiceId: string) =>
    world.deps.db.many<{ id: string; status: string }>({
      text: 'select id, status from payments where invoice_id = $1',
      values: [invoiceId],
    })
  const phones = async (code: string, shoppers: readonly Signer[]): Promise<Phone[]> =>
    Promise.all(
      shoppers.map(async (shopper) => ({
        shopper,
        signature: await signTerms(world, code, shopper),
      })),
    )
  const confirmAll = (code: string, ready: readonly Phone[]) =>
    Promise.all(ready.map((one) => confirm(world, code, one.shopper.address, one.signature)))
  const cancel = (id: string) =>
    send(world, { method: 'post', path: `/v1/invoices/${id}/cancel`, key: world.merchantKey })

  it('is paid by one of twelve phones that confirm at one instant; the others leave no row', async () => {
    const shoppers = await world.fundShoppers(12)
    for (let round = 0; round < 4; round++) {
      const invoice = await openInvoice(world)
      const answers = await confirmAll(invoice.code, await phones(invoice.code, shoppers))
      const taken = answers.filter((one) => one.status === 202)
      expect(taken).toHaveLength(1)
      for (const answer of answers.filter((one) => one.status !== 202))
        expectProblem(answer, { status: 409, code: 'invoice_paying' })
      expect(await paymentsOf(invoice.id)).toHaveLength(1)
    }
  })

  it('answers a doubled confirmation with the same payment, one after the other or at one instant', async () => {
    const [shopper] = await world.fundShoppers(1, 4_500n)
    if (shopper === undefined) throw new Error('no shopper')
    const invoice = await openInvoice(world)
    const [phone] = await phones(invoice.code, [shopper])
    if (phone === undefined) throw new Error('no phone')
    const atOnce = await confirmAll(invoice.code, Array(8).fill(phone))
    const later = await confirm(world, invoice.code, shopper.address, phone.signature)
    for (const answer of [...atOnce, later]) {
      expect(answer.status, answer.text).toBe(202)
      expect(answer.body.payment).toEqual(later.body.payment)
    }
    expect(await paymentsOf(invoice.id)).toHaveLength(1)
  })

  it('is either cancelled or paid when both come at one instant, and what was cancelled never settles', async () => {
    const shoppers = await world.fundShoppers(12)
    const races = await Promise.all(
      shoppers.map(async (shopper) => {
        const invoice = await openInvoice(world)
        return { invoice, shopper, signature: await signTerms(world, invoice.code, shopper) }
      }),
    )
    const ends = await Promise.all(
      races.map(async ({ invoice, shopper, signature }, index) => {
        const pay = () =>
          confirm(world, invoice.code, shopper.address, signature).then((one) => one)
        const stop = () => cancel(invoice.id)
        const [paid, cancelled] =
          index % 2 === 0
            ? await Promise.all([pay(), stop()])
            : await Promise.all([stop(), pay()]).then(([second, first]) => [first, second] as const)
        return { invoice, paid, cancelled }
      }),
    )
    for (const { paid, cancelled } of ends) {
      if (paid.status === 202) expectProblem(cancelled, { status: 409, code: 'invoice_paying' })
      else {
        expectProblem(paid, { status: 409, code: 'invoice_cancelled' })
        expect(cancelled.body.status).toBe('cancelled')
      }
    }
    const worker = await world.startWorker()
    for (const { invoice, paid } of ends) {
      if (paid.status === 202) expect((await waitForEnd(world, invoice)).status).toBe('paid')
      else expect(await paymentsOf(invoice.id)).toEqual([])
    }
    await worker.stop()
  })

  it('stays paid once when its signature comes back after settlement', async () => {
    const [shopper] = await world.fundShoppers(1)
    if (shopper === undefined) throw new Error('no shopper')
    const invoice = await openInvoice(world)
    const signature = await signTerms(world, invoice.code, shopper)
    const worker = await world.startWorker()
    await confirm(world, invoice.code, shopper.address, signature)
    await waitForEnd(world, invoice)
    const replay = await confirm(world, invoice.code, shopper.address, signature)
    expect(replay.status).toBe(202)
    expect(replay.body.payment.status).toBe('settled')
    const other = await openInvoice(world)
    await signTerms(world, other.code, shopper)
    expectProblem(await confirm(world, other.code, shopper.address, signature), {
      status: 422,
      code: 'signature_invalid',
    })
    await worker.stop()
    expect(await paymentsOf(invoice.id)).toHaveLength(1)
    expect(await paymentsOf(other.id)).toEqual([])
    const { balance } = await world.deps.chain.account(shopper.address)
    expect(balance).toBe(1_000_000n - 4_500n)
  })
})
