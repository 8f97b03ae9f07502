import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import { newPayCode } from '../../src/kernel/ids.ts'
import { paymentDigest, paymentDomain } from '../../src/platform/chain/typed-data.ts'
import { type Call, expectRefused, send } from '../support/http.ts'
import { confirm, openInvoice, pay, signTerms, walletSignature } from '../support/sale.ts'
import { setFrozen } from '../support/token-calls.ts'
import { freshSigner, openWorld, type World } from '../support/world.ts'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const INVALID = { status: 422, code: 'signature_invalid', field: '/signature' }

/** The other signature of the same key over the same digest: (r, n − s, the other v). */
function highTwin(signature: Hex): Hex {
  const s = ORDER - BigInt(`0x${signature.slice(66, 130)}`)
  const v = signature.endsWith('1b') ? '1c' : '1b'
  return `0x${signature.slice(2, 66)}${s.toString(16).padStart(64, '0')}${v}`
}

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
  /** A shopper who has signed the terms of a new invoice. */
  const signed = async (won = 1_000_000n) => {
    const [shopper] = await world.fundShoppers(1, won)
    if (shopper === undefined) throw new Error('no shopper')
    const invoice = await openInvoice(world)
    const signature = await signTerms(world, invoice.code, shopper)
    return { shopper, invoice, signature }
  }
  const numbers = async (invoiceId: string) => {
    const row = await world.deps.db.one<{ nonce: bigint; valid_before: Date; chain_invoice: Hex }>({
      text: `select n.nonce, n.valid_before, i.chain_invoice from payer_nonces n
        join invoices i on i.id = n.invoice_id where i.id = $1`,
      values: [invoiceId],
    })
    if (row === undefined) throw new Error('no terms')
    return row
  }

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

  it.each([
    ['none', undefined, 'missing'],
    ['empty text', '', 'pattern'],
    ['63 bytes', `0x${'11'.repeat(63)}`, 'pattern'],
    ['66 bytes', `0x${'11'.repeat(66)}`, 'pattern'],
    ['half a byte more', `0x${'11'.repeat(64)}1`, 'pattern'],
    ['no 0x', '11'.repeat(65), 'pattern'],
    ['letters that are no digits', `0x${'zz'.repeat(65)}`, 'pattern'],
    ['a list of bytes', Array(65).fill(17), 'type'],
  ])('refuses a signature of %s by its form', async (_name, signature, fieldCode) => {
    const { code } = await openInvoice(world)
    await expectRefused(world, payments(code, { payer: world.shopper.address, signature }), {
      status: 400,
      code: 'invalid_request',
      field: '/signature',
      fieldCode,
    })
  })

  it('refuses what no curve could have signed', async () => {
    const { shopper, invoice, signature } = await signed()
    const v = signature.slice(-2)
    const zero = '00'.repeat(32)
    const order = ORDER.toString(16)
    const bad = [
      `0x${'00'.repeat(65)}`,
      `0x${zero}${signature.slice(66, 130)}${v}`,
      `0x${signature.slice(2, 66)}${zero}${v}`,
      `0x${order}${signature.slice(66, 130)}${v}`,
      `0x${signature.slice(2, 66)}${order}${v}`,
      `0x${'ff'.repeat(65)}`,
      `${signature.slice(0, -2)}1d`,
      `${signature.slice(0, -2)}25`,
    ]
    for (const one of bad)
      await expectRefused(
        world,
        payments(invoice.code, { payer: shopper.address, signature: one }),
        INVALID,
      )
  })

  it('refuses the twin with a high s, and takes the low one', async () => {
    const { shopper, invoice, signature } = await signed()
    const body = { payer: shopper.address, signature: highTwin(signature) }
    await expectRefused(world, payments(invoice.code, body), INVALID)
    expect((await confirm(world, invoice.code, shopper.address, signature)).status).toBe(202)
  })

  it('refuses another signer, whoever is named as the payer', async () => {
    const { shopper, invoice, signature } = await signed()
    const thief = freshSigner()
    await send(world, terms(invoice.code, thief.address))
    await expectRefused(world, payments(invoice.code, { payer: thief.address, signature }), INVALID)
    const forged = await walletSignature(thief, `0x${'12'.repeat(32)}`)
    await expectRefused(
      world,
      payments(invoice.code, { payer: shopper.address, signature: forged }),
      INVALID,
    )
  })

  it('refuses the signature of another invoice', async () => {
    const { shopper, signature } = await signed()
    const other = await openInvoice(world)
    await signTerms(world, other.code, shopper)
    await expectRefused(world, payments(other.code, { payer: shopper.address, signature }), INVALID)
  })

  it('refuses a signature over any term that is not the one that was offered', async () => {
    const { shopper, invoice } = await signed()
    const { nonce, valid_before, chain_invoice } = await numbers(invoice.id)
    const right = {
      merchant: world.shop.merchant.settlementAddress,
      amount: 4_500n,
      nonce: Number(nonce),
      validBefore: Math.floor(valid_before.getTime() / 1_000),
      invoice: chain_invoice,
    }
    const { domain } = world.deps.chain
    const wrong = [
      paymentDigest(domain, { ...right, amount: 1n }),
      paymentDigest(domain, { ...right, merchant: shopper.address }),
      paymentDigest(domain, { ...right, nonce: right.nonce + 1 }),
      paymentDigest(domain, { ...right, validBefore: right.validBefore + 1 }),
      paymentDigest(domain, { ...right, invoice: `0x${'00'.repeat(16)}` }),
      paymentDigest(paymentDomain(domain.chainId + 1, domain.token), right),
      paymentDigest(paymentDomain(domain.chainId, shopper.address), right),
    ]
    for (const digest of wrong) {
      const signature = await walletSignature(shopper, digest)
      const call = payments(invoice.code, { payer: shopper.address, signature })
      await expectRefused(world, call, INVALID)
    }
    const signature = await walletSignature(shopper, paymentDigest(domain, right))
    const answer = await confirm(world, invoice.code, shopper.address, signature)
    expect(answer.status).toBe(202)
  })

  it('refuses any signature with one bit changed', async () => {
    const { shopper, invoice, signature } = await signed()
    const bytes = Buffer.from(signature.slice(2), 'hex')
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 511 }), async (bit) => {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const body = { payer: shopper.address, signature: `0x${changed.toString('hex')}` }
        expect((await send(world, payments(invoice.code, body))).status).toBe(422)
      }),
      { numRuns: 40 },
    )
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
    const { shopper, invoice, signature } = await signed()
    await hurry(invoice.id)
    const gone = { status: 410, code: 'invoice_expired' }
    const body = { payer: shopper.address, signature }
    await expectRefused(world, payments(invoice.code, body), gone)
    await expectRefused(world, terms(invoice.code, freshSigner().address), gone)
  })

  it('refuses an invoice that was cancelled', async () => {
    const { shopper, invoice, signature } = await signed()
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
    const { shopper, invoice, signature } = await signed(4_499n)
    const answer = await expectRefused(
      world,
      payments(invoice.code, { payer: shopper.address, signature }),
      { status: 422, code: 'insufficient_funds' },
    )
    expect(answer.body.detail).toContain('4499')
  })

  it('takes a payer who has the amount to the won', async () => {
    const { shopper, invoice, signature } = await signed(4_500n)
    expect((await confirm(world, invoice.code, shopper.address, signature)).status).toBe(202)
  })

  it('does not let a payer promise the same money to two invoices', async () => {
    const { shopper, invoice, signature } = await signed(8_999n)
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
    const { shopper, invoice, signature } = await signed()
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
    const { shopper, invoice, signature } = await signed()
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
