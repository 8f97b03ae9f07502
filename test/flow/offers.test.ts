import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expireInvoices } from '../../src/flows/expire-invoices.ts'
import { expectProblem, send } from '../support/http.ts'
import { confirm, openInvoice, pay, signTerms } from '../support/sale.ts'
import { freshSigner, openWorld, type World } from '../support/world.ts'

describe('offers and their end', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const terms = (code: string, payer: string) =>
    send(world, { method: 'post', path: `/v1/checkout/${code}/terms`, body: { payer } })
  const nonceOf = async (code: string, payer: string): Promise<number> => {
    const answer = await terms(code, payer)
    if (answer.status !== 200) throw new Error(`terms refused: ${answer.text}`)
    return answer.body.typed_data.message.nonce
  }
  const cancel = (id: string) =>
    send(world, { method: 'post', path: `/v1/invoices/${id}/cancel`, key: world.merchantKey })
  /** Lets the time of these invoices run out, and nobody else's. */
  const runOut = (ids: readonly string[]) =>
    world.deps.db.many({
      text: `update invoices set expires_at = now() - interval '1 second' where id = any($1)`,
      values: [ids],
    })
  const open = (count: number) =>
    Promise.all(Array.from({ length: count }, () => openInvoice(world)))
  const eventsOf = (id: string) =>
    world.deps.db.many<{ type: string; body: string }>({
      text: 'select type, body from events where aggregate_id = $1',
      values: [id],
    })

  it('reserve the lowest free nonce of the payer, the same one however often they are asked', async () => {
    const payer = freshSigner().address
    const invoices = await open(3)
    const nonces = []
    for (const { code } of invoices)
      nonces.push(await nonceOf(code, payer), await nonceOf(code, payer))
    expect(nonces).toEqual([0, 0, 1, 1, 2, 2])
    expect(await nonceOf(invoices[0]?.code ?? '', freshSigner().address)).toBe(0)
  })

  it('give twenty phones of one payer twenty nonces at one instant', async () => {
    const payer = freshSigner().address
    const nonces = await Promise.all((await open(20)).map(({ code }) => nonceOf(code, payer)))
    expect(nonces.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at))
  })

  it('free their nonce when the invoice is cancelled or expires', async () => {
    const payer = freshSigner().address
    const invoices = await open(4)
    for (const { code } of invoices) await nonceOf(code, payer)
    const [first, second, , fourth] = invoices
    await cancel(second?.id ?? '')
    const [next] = await open(1)
    expect(await nonceOf(next?.code ?? '', payer)).toBe(1)
    await runOut([first?.id ?? '', fourth?.id ?? ''])
    await expireInvoices(world.deps)
    const [later, last] = await open(2)
    expect(await nonceOf(later?.code ?? '', payer)).toBe(0)
    expect(await nonceOf(last?.code ?? '', payer)).toBe(3)
  })

  it('keep the nonce of a payment that is under way, whatever happens to other invoices', async () => {
    const [shopper] = await world.fundShoppers(1)
    if (shopper === undefined) throw new Error('no shopper')
    const [paying] = await open(1)
    await pay(world, paying?.code ?? '', shopper)
    await runOut([paying?.id ?? ''])
    await expireInvoices(world.deps)
    const [next] = await open(1)
    expect(await nonceOf(next?.code ?? '', shopper.address)).toBe(1)
    const now = await send(world, { path: `/v1/invoices/${paying?.id}`, key: world.merchantKey })
    expect(now.body.status, 'an accepted payment outlives the time of its invoice').toBe('paying')
  })

  it('are 64 at a time for one payer, and the oldest makes room, so that nobody can lock an account', async () => {
    const payer = freshSigner().address
    const invoices = await open(65)
    for (const { code } of invoices.slice(0, 64)) {
      const answer = await terms(code, payer)
      expect(answer.status, answer.text).toBe(200)
    }
    expect(await nonceOf(invoices[64]?.code ?? '', payer)).toBe(0)
    const lost = await confirm(world, invoices[0]?.code ?? '', payer, `0x${'11'.repeat(65)}`)
    expectProblem(lost, { status: 409, code: 'terms_missing' })
    await cancel(invoices[10]?.id ?? '')
    expect(await nonceOf(invoices[0]?.code ?? '', payer)).toBe(10)
  })

  it('end once when several workers look at one instant, and the merchant is told once of each', async () => {
    const invoices = await open(40)
    const ids = invoices.map((one) => one.id)
    await runOut(ids)
    const counts = await Promise.all(Array.from({ length: 5 }, () => expireInvoices(world.deps)))
    expect(counts.reduce((total, one) => total + one, 0)).toBe(40)
    expect(await expireInvoices(world.deps)).toBe(0)
    for (const id of ids) {
      const events = await eventsOf(id)
      expect(events.map((one) => one.type)).toEqual(['invoice.expired'])
      expect(JSON.parse(events[0]?.body ?? '')).toMatchObject({
        sequence: 2,
        data: { object: { id, status: 'expired', version: 2 } },
      })
    }
  })

  it('cannot be signed for once the time is over, though nobody has looked yet', async () => {
    const [invoice] = await open(1)
    const { code, id } = invoice ?? { code: '', id: '' }
    await signTerms(world, code, world.shopper)
    await runOut([id])
    expectProblem(await terms(code, world.shopper.address), {
      status: 410,
      code: 'invoice_expired',
    })
    await expireInvoices(world.deps)
    expectProblem(await cancel(id), { status: 410, code: 'invoice_expired' })
  })

  it('end by the clock of the worker without anybody asking', async () => {
    const worker = await world.startWorker()
    const invoice = await openInvoice(world, { lifetime_seconds: 10 })
    const waiting = send(world, {
      path: `/v1/invoices/${invoice.id}?after_version=1&wait_seconds=10`,
      key: world.merchantKey,
    })
    world.clock.advance(10_000)
    expect((await waiting).body).toMatchObject({ status: 'expired', version: 2 })
    await worker.stop()
  })

  it('tells of a cancelled invoice once, however often it is cancelled', async () => {
    const [invoice] = await open(1)
    const answers = await Promise.all(Array.from({ length: 6 }, () => cancel(invoice?.id ?? '')))
    for (const answer of answers)
      expect(answer.body).toMatchObject({ status: 'cancelled', version: 2 })
    expect((await eventsOf(invoice?.id ?? '')).map((one) => one.type)).toEqual([
      'invoice.cancelled',
    ])
  })
})
