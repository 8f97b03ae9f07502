import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newApiKey, SCOPES } from '../../src/domains/merchants/api-key.ts'
import { revokeApiKey } from '../../src/domains/merchants/store.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { Db } from '../../src/platform/db/db.ts'
import {
  addKey,
  addShop,
  addTill,
  expectProblem,
  expectRefused,
  type OtherShop,
  operations,
  send,
  serverOver,
} from '../support/http.ts'
import { openInvoice } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

const KEYED = operations().filter((one) => one.needsKey)
/** What a till's key may call. A new route is the merchant's alone until it is named here. */
const OF_A_TILL = ['createInvoice', 'getInvoice', 'listInvoices', 'cancelInvoice']
const UNAUTHORISED = { status: 401, code: 'unauthorised' }

/** The key with its last digit changed to another one of the alphabet. */
function withWrongChecksum(key: string): string {
  return `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`
}

/** The same database, counting what it is asked. */
function counted(db: Db): { readonly db: Db; queries(): number } {
  let queries = 0
  const count =
    <Arguments extends unknown[], Answer>(ask: (...given: Arguments) => Answer) =>
    (...given: Arguments): Answer => {
      queries++
      return ask(...given)
    }
  return {
    db: {
      many: count(db.many) as Db['many'],
      one: count(db.one) as Db['one'],
      transaction: count(db.transaction) as Db['transaction'],
      snapshot: count(db.snapshot) as Db['snapshot'],
      onCommit: db.onCommit,
    },
    queries: () => queries,
  }
}

describe('an API key', () => {
  let world: World
  let other: OtherShop
  beforeAll(async () => {
    world = await openWorld()
    other = await addShop(world)
  })
  afterAll(() => world.close())

  it('is asked for on at least eight routes', () => {
    expect(KEYED.length).toBeGreaterThanOrEqual(8)
  })

  describe.each(KEYED)('of $id', ({ id, method, path }) => {
    it('must be there', async () => {
      const answer = await expectRefused(world, { method, path }, UNAUTHORISED)
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    })

    it('must be one of ours, and no answer says what was wrong with it', async () => {
      const right = world.merchantKey
      const wrong = [
        newApiKey(),
        withWrongChecksum(right),
        right.toLowerCase(),
        right.slice(0, -1),
        `${right}A`,
        'baro_',
        'sk_live_1',
      ]
      const answers = []
      for (const key of wrong) answers.push(await send(world, { method, path, key }))
      for (const answer of answers) expectProblem(answer, UNAUTHORISED)
      const words = new Set(answers.map(({ body }) => `${body.title} ${body.detail}`))
      expect(words.size).toBe(1)
    })

    it('must come in the Authorization header as a bearer', async () => {
      for (const authorization of [
        `Basic ${Buffer.from(`${world.merchantKey}:`).toString('base64')}`,
        world.merchantKey,
        `Bearer`,
        `Bearer ${world.merchantKey} ${world.merchantKey}`,
      ])
        expectProblem(await send(world, { method, path, headers: { authorization } }), UNAUTHORISED)
      expectProblem(
        await send(world, { method, path: `${path}?key=${world.merchantKey}` }),
        UNAUTHORISED,
      )
    })

    it('opens nothing once it is revoked', async () => {
      const { id: keyId, key } = await addKey(world, world.shop.merchant.id, { scopes: SCOPES })
      expect((await send(world, { method, path, key })).status).not.toBe(401)
      await revokeApiKey(world.deps.db, keyId, new Date())
      await expectRefused(world, { method, path, key }, UNAUTHORISED)
    })

    it('must have the scope of the route, and exactly one scope opens it', async () => {
      const none = await addKey(world, world.shop.merchant.id, { scopes: [] })
      await expectRefused(
        world,
        { method, path, key: none.key },
        { status: 403, code: 'forbidden' },
      )
      const opening = []
      for (const scope of SCOPES) {
        const { key } = await addKey(world, world.shop.merchant.id, { scopes: [scope] })
        if ((await send(world, { method, path, key })).status !== 403) opening.push(scope)
      }
      expect(opening).toHaveLength(1)
    })

    it(`${OF_A_TILL.includes(id) ? 'may' : 'may not'} be a till's`, async () => {
      const answer = await send(world, { method, path, key: world.terminalKey })
      if (OF_A_TILL.includes(id)) expect(answer.status).not.toBe(403)
      else expectProblem(answer, { status: 403, code: 'forbidden' })
    })

    it('is looked at before the body is', async () => {
      if (method === 'get') return
      await expectRefused(world, { method, path, text: '{"amount":' }, UNAUTHORISED)
    })
  })

  it('costs no query when its checksum is wrong, and one when it is right', async () => {
    const { db, queries } = counted(world.deps.db)
    const server = await serverOver(world, { ...world.deps, db })
    const path = '/v1/invoices'
    for (const key of [withWrongChecksum(world.merchantKey), 'baro_', `${newApiKey()}A`])
      expectProblem(await send(server, { path, key }), UNAUTHORISED)
    expect(queries()).toBe(0)
    expectProblem(await send(server, { path, key: newApiKey() }), UNAUTHORISED)
    expect(queries()).toBe(1)
    await server.close()
  })

  it('is not in the database in any form that could be used', async () => {
    const rows = await world.deps.db.many({ text: 'select * from api_keys', values: [] })
    const dump = JSON.stringify(rows)
    for (const key of [world.merchantKey, world.terminalKey]) {
      expect(dump).not.toContain(key)
      expect(dump).not.toContain(key.slice(5, 37))
    }
  })

  it.each([
    ['reading', 'get', ''],
    ['cancelling', 'post', '/cancel'],
  ] as const)(
    "finds another merchant's invoice no more than one that nobody has, %s",
    async (_name, method, end) => {
      const invoice = await openInvoice(world)
      const ask = (id: string) =>
        expectRefused(
          world,
          { method, path: `/v1/invoices/${id}${end}`, key: other.keyText },
          { status: 404, code: 'not_found' },
        )
      const nobodys = newId('inv', new Date())
      const [unknown, foreign] = [await ask(nobodys), await ask(invoice.id)]
      const { request_id: _first, instance: _second, ...words } = unknown.body
      const { request_id: _third, instance: _fourth, ...same } = foreign.body
      expect(JSON.stringify(same)).toBe(JSON.stringify(words).replaceAll(nobodys, invoice.id))
    },
  )

  it("lists nothing of another merchant's, whatever cursor or filter it is given", async () => {
    const invoice = await openInvoice(world, { order_id: 'mine' })
    const lists = [
      '/v1/invoices',
      '/v1/invoices?order_id=mine',
      `/v1/invoices?starting_after=${newId('inv', new Date(Date.now() + 1_000))}`,
      `/v1/invoices?terminal_id=${world.shop.terminal.id}`,
      '/v1/events',
      '/v1/webhook-endpoints',
    ]
    for (const path of lists)
      expect((await send(world, { path, key: other.keyText })).body.data, path).toEqual([])
    const own = await send(world, { path: '/v1/invoices', key: world.merchantKey })
    expect(own.body.data.map((one: { id: string }) => one.id)).toContain(invoice.id)
  })

  it.each(['filter[merchant_id]=mer_1', 'merchant_id=mer_1', 'sort=amount', 'limit=1&limit=2'])(
    'is refused the query %s',
    async (query) => {
      await expectRefused(
        world,
        { path: `/v1/invoices?${query}`, key: world.merchantKey },
        { status: 400, code: 'invalid_request' },
      )
    },
  )

  it("of one till opens, reads, lists and cancels that till's invoices only", async () => {
    const till = await addTill(world, world.shop)
    const invoice = await openInvoice(world)
    const forbidden = { status: 403, code: 'forbidden' }
    const path = `/v1/invoices/${invoice.id}`
    await expectRefused(world, { path, key: till.key }, forbidden)
    await expectRefused(world, { method: 'post', path: `${path}/cancel`, key: till.key }, forbidden)
    await expectRefused(
      world,
      {
        method: 'post',
        path: '/v1/invoices',
        key: till.key,
        body: { amount: 1, terminal_id: world.shop.terminal.id },
      },
      forbidden,
    )
    const mine = await send(world, {
      method: 'post',
      path: '/v1/invoices',
      key: till.key,
      body: { amount: 1 },
    })
    expect(mine.body.terminal_id).toBe(till.id)
    const list = await send(world, { path: '/v1/invoices', key: till.key })
    expect(list.body.data.map((one: { id: string }) => one.id)).toEqual([mine.body.id])
  })
})
