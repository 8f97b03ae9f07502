import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seoulDay } from '../../src/kernel/time.ts'
import { addShop, send } from '../support/http.ts'
import { openInvoice } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

type Page = { readonly data: readonly { readonly id: string }[]; readonly has_more: boolean }

describe('lists and waits', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  /** A till of its own, so that the list holds this test's invoices only. */
  const ownTill = async () => {
    const shop = await addShop(world)
    const till = { ...world, terminalKey: shop.terminalKeyText, merchantKey: shop.keyText }
    return {
      open: (body: Record<string, unknown> = {}) => openInvoice(till, body),
      page: async (query = ''): Promise<Page> =>
        (await send(world, { path: `/v1/invoices?${query}`, key: shop.keyText })).body,
      send: (path: string) => send(world, { path, key: shop.keyText }),
    }
  }
  const idsOf = (page: Page) => page.data.map((one) => one.id)

  it('pages through every invoice once, newest first, while new ones come in', async () => {
    const till = await ownTill()
    const made: string[] = []
    for (let count = 0; count < 7; count++) made.unshift((await till.open()).id)
    const seen: string[] = []
    let cursor = ''
    for (;;) {
      const page = await till.page(`limit=2${cursor}`)
      seen.push(...idsOf(page))
      await till.open()
      cursor = `&starting_after=${seen.at(-1)}`
      if (!page.has_more) break
      expect(page.data).toHaveLength(2)
    }
    expect(seen).toEqual(made)
  })

  it('says that there is more only when there is', async () => {
    const till = await ownTill()
    expect(await till.page()).toMatchObject({ data: [], has_more: false })
    for (let count = 0; count < 2; count++) await till.open()
    expect((await till.page('limit=2')).has_more).toBe(false)
    expect((await till.page('limit=1')).has_more).toBe(true)
  })

  it('filters by order, status and Seoul day', async () => {
    const till = await ownTill()
    const first = await till.open({ order_id: 'A' })
    const second = await till.open({ order_id: 'B' })
    expect(idsOf(await till.page('order_id=B'))).toEqual([second.id])
    expect(idsOf(await till.page('status=paid'))).toEqual([])
    expect(idsOf(await till.page('status=open'))).toEqual([second.id, first.id])
    expect(idsOf(await till.page(`day=${seoulDay(new Date())}`))).toHaveLength(2)
    expect(idsOf(await till.page('day=2020-01-01'))).toEqual([])
  })

  it('puts an invoice into the day that it is in Seoul', async () => {
    const till = await ownTill()
    const { id } = await till.open()
    const at = async (instant: string) =>
      world.deps.db.many({
        text: 'update invoices set created_at = $1 where id = $2',
        values: [instant, id],
      })
    await at('2026-03-01T15:00:00Z')
    expect(idsOf(await till.page('day=2026-03-02'))).toEqual([id])
    expect(idsOf(await till.page('day=2026-03-01'))).toEqual([])
    await at('2026-03-01T14:59:59.999Z')
    expect(idsOf(await till.page('day=2026-03-01'))).toEqual([id])
  })

  it('answers a wait at once when the version is newer', async () => {
    const till = await ownTill()
    const { id } = await till.open()
    const begin = performance.now()
    const answer = await till.send(`/v1/invoices/${id}?after_version=0&wait_seconds=30`)
    expect(answer.body.version).toBe(1)
    expect(performance.now() - begin).toBeLessThan(1_000)
  })

  it('holds a wait until its time is over, and then answers what is', async () => {
    const till = await ownTill()
    const { id, code } = await till.open()
    for (const path of [`/v1/invoices/${id}`, `/v1/checkout/${code}`]) {
      const begin = performance.now()
      const answer = await till.send(`${path}?after_version=1&wait_seconds=1`)
      expect(answer.body).toMatchObject({ version: 1, status: 'open' })
      expect(performance.now() - begin).toBeGreaterThan(950)
      expect(performance.now() - begin).toBeLessThan(3_000)
    }
  })

  it('answers a wait within a second of the change, on every phone that waits', async () => {
    const till = await ownTill()
    const { id, code } = await till.open()
    const waits = Array.from({ length: 20 }, () =>
      till.send(`/v1/checkout/${code}?after_version=1&wait_seconds=30`),
    )
    const waiting = Promise.all(waits)
    // One more reader, who comes after them: when it is answered, they have read version 1.
    expect((await till.send(`/v1/checkout/${code}`)).body.version).toBe(1)
    const begin = performance.now()
    await world.deps.db.many({
      text: `update invoices set status = 'cancelled', version = 2 where id = $1`,
      values: [id],
    })
    for (const answer of await waiting)
      expect(answer.body).toMatchObject({ status: 'cancelled', version: 2 })
    expect(performance.now() - begin).toBeLessThan(1_000)
  })

  it('answers a wait for a version that is still to come like one for the newest', async () => {
    const till = await ownTill()
    const { id } = await till.open()
    const answer = await till.send(`/v1/invoices/${id}?after_version=999&wait_seconds=0`)
    expect(answer.body.version).toBe(1)
  })
})
