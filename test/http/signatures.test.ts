import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import { paymentDigest, paymentDomain } from '../../src/platform/chain/typed-data.ts'
import { type Call, expectRefused, send } from '../support/http.ts'
import { confirm, openInvoice, signedSale, signTerms, walletSignature } from '../support/sale.ts'
import { freshSigner, openWorld, type World } from '../support/world.ts'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const INVALID = { status: 422, code: 'signature_invalid', field: '/signature' }

/** The other signature of the same key over the same digest: (r, n − s, the other v). */
function highTwin(signature: Hex): Hex {
  const s = ORDER - BigInt(`0x${signature.slice(66, 130)}`)
  const v = signature.endsWith('1b') ? '1c' : '1b'
  return `0x${signature.slice(2, 66)}${s.toString(16).padStart(64, '0')}${v}`
}

describe('the signature of a payment', () => {
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
    const { shopper, invoice, signature } = await signedSale(world)
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
    const { shopper, invoice, signature } = await signedSale(world)
    const body = { payer: shopper.address, signature: highTwin(signature) }
    await expectRefused(world, payments(invoice.code, body), INVALID)
    expect((await confirm(world, invoice.code, shopper.address, signature)).status).toBe(202)
  })

  it('refuses another signer, whoever is named as the payer', async () => {
    const { shopper, invoice, signature } = await signedSale(world)
    const thief = freshSigner()
    await send(world, {
      method: 'post',
      path: `/v1/checkout/${invoice.code}/terms`,
      body: { payer: thief.address },
    })
    await expectRefused(world, payments(invoice.code, { payer: thief.address, signature }), INVALID)
    const forged = await walletSignature(thief, `0x${'12'.repeat(32)}`)
    await expectRefused(
      world,
      payments(invoice.code, { payer: shopper.address, signature: forged }),
      INVALID,
    )
  })

  it('refuses the signature of another invoice', async () => {
    const { shopper, signature } = await signedSale(world)
    const other = await openInvoice(world)
    await signTerms(world, other.code, shopper)
    await expectRefused(world, payments(other.code, { payer: shopper.address, signature }), INVALID)
  })

  it('refuses a signature over any term that is not the one that was offered', async () => {
    const { shopper, invoice } = await signedSale(world)
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
    const { shopper, invoice, signature } = await signedSale(world)
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
})
