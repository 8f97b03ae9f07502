import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPayCode } from '../../src/kernel/ids.ts'
import { type Call, expectRefused, send } from '../support/http.ts'
import { confirm, openInvoice, pay, signedSale, signTerms } from '../support/sale.ts'
import { setFrozen } from '../support/token-calls.ts'
import { freshSigner, openWorld, type World } from '../support/world.ts'

describe('paying an invoice', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const payments = (code: string, body: object): Call => ({
    method: 'post',
    path: `/v1/checkout/${code}/payments`,
    body,
  })
  const terms = (code: string, payer: string): Call => ({
    method: 'post',
    path: `/v1/checkout/${code}/terms`,
    body: { payer },
  })
  const hurry = (id: string) =>
    world.deps.db.many({
      text: `update invoices set expires_at = now() - interval '1 second' where id = $1`,
      values: [id],
    })
  const cancel = (id: string) =>
    send(world, { method: 'post', path: `/v1/invoices/${id}/cancel`, key: world.merchantKey })
  it.each([
    ['no payer', {}, '/payer', 'missing'],
    ['a payer that is no address', { payer: '0x12' }, '/payer', 'pattern'],
    ['a payer without 0x', { payer: 'ab'.repeat(20) }, '/payer', 'pattern'],
    ['a payer in full-width digits', { payer: `0x${'１'.repeat(40)}` }, '/payer', 'pattern'],
    ['a payer that is a number', { payer: 1 }, '/payer', 'type'],
    ['an amount', { payer: `0x${'ab'.repeat(20)}`, amount: 1 }, '/amount', 'unknown_field'],
  ])('refuses terms for %s', async (_name, body, field, fieldCode) => {
    const { code } = await openInvoice(world)
    const call = { method: 'post' as const, path: `/v1/checkout/${code}/terms`, body }
    await expectRefused(world, call, { status: 400, code: 'invalid_request', field, fieldCode })
  })

  it('asks a payer without terms to get them first', async () => {
    const { code } = await openInvoice(world)
    const body = { payer: world.shopper.address, signature: `0x${'11'.repeat(65)}` }
    await expectRefused(world, payments(code, body), { status: 409, code: 'terms_missing' })
  })

  it('knows no code that nobody has, nor one that is none', async () => {
    const body = { payer: world.shopper.address }
    for (const end of ['', '/terms', '/payments'] as const) {
      const call = (code: string): Call => ({
        method: end === '' ? 'get' : 'post',
        path: `/v1/checkout/${code}${end}`,
        ...(end === '/terms' && { body }),
        ...(end === '/payments' && { body: { ...body, signature: `0x${'11'.repeat(65)}` } }),
      })
      await expectRefused(world, call(newPayCode()), { status: 404, code: 'not_found' })
      for (const bad of ['A', `${newPayCode()}A`, 'I'.repeat(26), 'O'.repeat(26), '%00'.repeat(9)])
        await expectRefused(world, call(bad), {
          status: 400,
          code: 'invalid_request',
          field: 'code',
        })
    }
  })

  it('finds a code in any case', async () => {
    const { code } = await openInvoice(world)
    const mixed = [...code].map((one, at) => (at % 2 ? one.toLowerCase() : one)).join('')
    for (const spelling of [code, code.toLowerCase(), mixed])
      expect((await send(world, { path: `/v1/checkout/${spelling}` })).body.code).toBe(code)
  })

  it('refuses an invoice whose time is over, swept or not', async () => {
    const { shopper, invoice, signature } = await signedSale(world)
    await hurry(invoice.id)
    const gone = { status: 410, code: 'invoice_expired' }
    const body = { payer: shopper.address, signature }
    await expectRefused(world, payments(invoice.code, body), gone)
    await expectRefused(world, terms(invoice.code, freshSigner().address), gone)
  })

  it('refuses an invoice that was cancelled', async () => {
    const { shopper, invoice, signature } = await signedSale(world)
    expect((await cancel(invoice.id)).body.status).toBe('cancelled')
    const cancelled = { status: 409, code: 'invoice_cancelled' }
    await expectRefused(
      world,
      payments(invoice.code, { payer: shopper.address, signature }),
      cancelled,
    )
    await expectRefused(world, terms(invoice.code, shopper.address), cancelled)
  })

  it('refuses a payer without the money', async () => {
    const { shopper, invoice, signature } = await signedSale(world, 4_499n)
    const answer = await expectRefused(
      world,
      payments(invoice.code, { payer: shopper.address, signature }),
      { status: 422, code: 'insufficient_funds' },
    )
    expect(answer.body.detail).toContain('4499')
  })

  it('takes a payer who has the amount to the won', async () => {
    const { shopper, invoice, signature } = await signedSale(world, 4_500n)
    expect((await confirm(world, invoice.code, shopper.address, signature)).status).toBe(202)
  })

  it('does not let a payer promise the same money to two invoices', async () => {
    const { shopper, invoice, signature } = await signedSale(world, 8_999n)
    const second = await openInvoice(world)
    const other = await signTerms(world, second.code, shopper)
    expect((await confirm(world, invoice.code, shopper.address, signature)).status).toBe(202)
    const answer = await expectRefused(
      world,
      payments(second.code, { payer: shopper.address, signature: other }),
      { status: 422, code: 'insufficient_funds' },
    )
    expect(answer.body.detail).toContain('4499')
  })

  it('refuses a payer who was frozen after signing, and before', async () => {
    const { shopper, invoice, signature } = await signedSale(world)
    await setFrozen(world, shopper.address, true)
    const frozen = { status: 422, code: 'payer_frozen' }
    await expectRefused(
      world,
      payments(invoice.code, { payer: shopper.address, signature }),
      frozen,
    )
    const { code } = await openInvoice(world)
    await expectRefused(world, terms(code, shopper.address), frozen)
  })

  it('refuses a second phone while the first one pays', async () => {
    const { shopper, invoice, signature } = await signedSale(world)
    const [second] = await world.fundShoppers(1)
    if (second === undefined) throw new Error('no shopper')
    const late = await signTerms(world, invoice.code, second)
    expect((await confirm(world, invoice.code, shopper.address, signature)).status).toBe(202)
    const paying = { status: 409, code: 'invoice_paying' }
    await expectRefused(
      world,
      payments(invoice.code, { payer: second.address, signature: late }),
      paying,
    )
    await expectRefused(world, terms(invoice.code, freshSigner().address), paying)
    await expectRefused(
      world,
      { method: 'post', path: `/v1/invoices/${invoice.id}/cancel`, key: world.merchantKey },
      paying,
    )
  })

  it('shows a shopper nothing that is the merchant’s or another shopper’s', async () => {
    const invoice = await openInvoice(world, {
      order_id: 'secret-order',
      metadata: { note: 'vip' },
    })
    await pay(world, invoice.code, world.shopper)
    const { text } = await send(world, { path: `/v1/checkout/${invoice.code}` })
    for (const hidden of ['secret-order', 'vip', world.shop.merchant.id, world.shopper.address])
      expect(text).not.toContain(hidden)
  })
})
