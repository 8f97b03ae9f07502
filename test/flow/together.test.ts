import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAuthoriser } from '../../src/flows/authorise-payment.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { openInvoice, signTerms } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

const AMOUNT = 4_500

/** Confirmations of one process share their queries and their transaction, and nothing else. */
describe('confirmations that come at one time', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const signed = async (shopper: Signer, amount = AMOUNT) => {
    const { id, code } = await openInvoice(world, { amount })
    const signature = await signTerms(world, code, shopper)
    return { id, code, payer: shopper.address, signature, chainState: 'live' as const }
  }
  type Confirmation = Awaited<ReturnType<typeof signed>>
  /** What came of each: the id of its payment, or the code of its fault. */
  const confirm = async (confirmations: readonly Confirmation[]) => {
    const authorise = openAuthoriser(world.deps)
    const answers = await Promise.allSettled(confirmations.map((one) => authorise(one)))
    return answers.map((answer) =>
      answer.status === 'fulfilled' ? answer.value.payment.id : answer.reason.code,
    )
  }
  const paymentsOf = (confirmations: readonly Confirmation[]) =>
    world.deps.db.many<{ id: string; invoice_id: string }>(sql`
      select id, invoice_id from payments where invoice_id = any(${confirmations.map((one) => one.id)})`)

  it('are all stored, each with its job done', async () => {
    const shoppers = await world.fundShoppers(12)
    const confirmations = await Promise.all(shoppers.map((shopper) => signed(shopper)))
    const answers = await confirm(confirmations)
    const rows = await paymentsOf(confirmations)
    expect(rows).toHaveLength(12)
    expect(new Set(answers)).toEqual(new Set(rows.map((row) => row.id)))
    for (const [at, one] of confirmations.entries())
      expect(rows.find((row) => row.id === answers[at])?.invoice_id).toBe(one.id)
  })

  it('are each judged by itself', async () => {
    const [a, b, c, d] = await world.fundShoppers(4)
    const [poor] = await world.fundShoppers(1, BigInt(AMOUNT - 1))
    if (!a || !b || !c || !d || !poor) throw new Error('no shoppers')
    const forged = { ...(await signed(a)), signature: (await signed(a)).signature }
    const unknown = { ...(await signed(b)), code: '0'.repeat(26) }
    const good = await Promise.all([signed(c), signed(d)])
    const answers = await confirm([...good, forged, unknown, await signed(poor)])
    expect(answers).toEqual([
      expect.stringMatching(/^pay_/),
      expect.stringMatching(/^pay_/),
      'signature_invalid',
      'not_found',
      'insufficient_funds',
    ])
  })

  it('make one payment of one that was sent several times', async () => {
    const [shopper, other] = await world.fundShoppers(2)
    if (!shopper || !other) throw new Error('no shoppers')
    const one = await signed(shopper)
    const answers = await confirm([await signed(other), one, one, one])
    expect(await paymentsOf([one])).toHaveLength(1)
    expect(new Set(answers.slice(1)).size).toBe(1)
    expect(answers[1]).toMatch(/^pay_/)
  })

  it('promise no more than their payer has', async () => {
    const [shopper] = await world.fundShoppers(1, BigInt(3 * AMOUNT))
    if (!shopper) throw new Error('no shopper')
    const confirmations = []
    for (let at = 0; at < 5; at++) confirmations.push(await signed(shopper))
    const answers = await confirm(confirmations)
    expect(answers.filter((answer) => answer === 'insufficient_funds')).toHaveLength(2)
    expect(await paymentsOf(confirmations)).toHaveLength(3)
  })

  it('are stored in lower case, however a wallet writes its signature', async () => {
    const shoppers = await world.fundShoppers(3)
    const confirmations = await Promise.all(shoppers.map((shopper) => signed(shopper)))
    const [first, ...rest] = confirmations
    if (!first) throw new Error('no confirmation')
    const capitals = { ...first, signature: `0x${first.signature.slice(2).toUpperCase()}` as const }
    for (const answer of await confirm([capitals, ...rest])) expect(answer).toMatch(/^pay_/)
  })

  it('lose only the one that cannot be stored, whatever the reason', async () => {
    const shoppers = await world.fundShoppers(3)
    const confirmations = await Promise.all(shoppers.map((shopper) => signed(shopper)))
    const [broken] = confirmations
    if (!broken) throw new Error('no confirmation')
    await world.deps.db.many({
      text: `alter table payments add constraint test_only check (invoice_id <> '${broken.id}') not valid`,
      values: [],
    })
    const answers = await confirm(confirmations)
    await world.deps.db.many(sql`alter table payments drop constraint test_only`)
    expect(answers[0]).toBe('internal')
    expect(await paymentsOf(confirmations)).toHaveLength(2)
  })

  it('lose only the one that a constraint refuses', async () => {
    const shoppers = await world.fundShoppers(4)
    const confirmations = await Promise.all(shoppers.map((shopper) => signed(shopper)))
    const [, taken] = confirmations
    if (!taken) throw new Error('no confirmation')
    // Another invoice of this payer has used the nonce: its offer was taken over.
    const { id } = await openInvoice(world, { amount: AMOUNT })
    await world.deps.db.many(sql`
      insert into payments (id, invoice_id, merchant_id, chain_id, chain_invoice, payer, merchant_address, amount,
        fee_basis_points, fee, nonce, valid_before, signature, status, created_at)
      select 'pay_taken', i.id, i.merchant_id, n.chain_id, i.chain_invoice, n.payer, n.payer, 1, 0, 0, n.nonce,
        n.valid_before, '0x' || repeat('00', 64), 'authorised', now()
      from payer_nonces n, invoices i where n.invoice_id = ${taken.id} and i.id = ${id}`)
    const answers = await confirm(confirmations)
    expect(answers.filter((answer) => answer === 'nonce_used')).toEqual(['nonce_used'])
    expect(answers[1]).toBe('nonce_used')
    expect(await paymentsOf(confirmations)).toHaveLength(3)
    const open = await world.deps.db.one(sql`select status from invoices where id = ${taken.id}`)
    expect(open).toEqual({ status: 'open' })
  })
})
