import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addShop, addTill, expectProblem, expectRefused, send } from '../support/http.ts'
import { openWorld, type World } from '../support/world.ts'

describe('an Idempotency-Key', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const open = (key: string, body: object, more: { key?: string } = {}) =>
    send(world, {
      method: 'post',
      path: '/v1/invoices',
      key: more.key ?? world.terminalKey,
      headers: { 'idempotency-key': key },
      body,
    })
  const rows = (order: string) =>
    world.deps.db.many({ text: 'select id from invoices where order_id = $1', values: [order] })

  it('gives fifty requests at one instant one invoice', async () => {
    const body = { amount: 4_500, order_id: 'fifty' }
    const answers = await Promise.all(Array.from({ length: 50 }, () => open('fifty', body)))
    for (const answer of answers.filter((one) => one.status !== 201))
      expectProblem(answer, { status: 409, code: 'idempotency_in_flight' })
    const made = answers.filter((one) => one.status === 201)
    expect(made.length).toBeGreaterThanOrEqual(1)
    for (const answer of made) expect(answer.text).toBe(made[0]?.text)
    expect(await rows('fifty')).toHaveLength(1)
    const again = await open('fifty', body)
    expect(again.text).toBe(made[0]?.text)
    expect(again.headers['idempotent-replayed']).toBe('true')
  })

  it('asks the one who is too early to come again', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => open('early', { amount: 7 })),
    )
    for (const answer of answers.filter((one) => one.status === 409))
      expect(answer.headers['retry-after']).toBe('1')
  })

  it('answers the same for the same fields in another order', async () => {
    const first = await open('order', { amount: 5, description: 'tea' })
    const second = await open('order', { description: 'tea', amount: 5 })
    expect(second.text).toBe(first.text)
  })

  it('is refused for another body, and nothing is written', async () => {
    await open('other-body', { amount: 1 })
    await expectRefused(
      world,
      {
        method: 'post',
        path: '/v1/invoices',
        key: world.terminalKey,
        headers: { 'idempotency-key': 'other-body' },
        body: { amount: 2 },
      },
      { status: 422, code: 'idempotency_mismatch' },
    )
  })

  it('of one merchant means nothing for another', async () => {
    const other = await addShop(world)
    const mine = await open('shared', { amount: 1 })
    const theirs = await open('shared', { amount: 2 }, { key: other.terminalKeyText })
    expect([mine.status, theirs.status]).toEqual([201, 201])
    expect(theirs.body.id).not.toBe(mine.body.id)
  })

  it("does not hand one till's invoice to another till of the shop", async () => {
    const till = await addTill(world, world.shop)
    const mine = await open('two-tills', { amount: 1 })
    expect(mine.status).toBe(201)
    const theirs = await open('two-tills', { amount: 1 }, { key: till.key })
    expectProblem(theirs, { status: 422, code: 'idempotency_mismatch' })
  })

  it('is not used up by a refusal', async () => {
    await open('first', { amount: 1, order_id: 'taken' })
    expectProblem(await open('second', { amount: 1, order_id: 'taken' }), {
      status: 409,
      code: 'order_exists',
    })
    const answer = await open('second', { amount: 1, order_id: 'free' })
    expect(answer.status).toBe(201)
  })

  it.each([
    ['is empty', ''],
    ['has 256 characters', 'x'.repeat(256)],
    ['has a space', 'a b'],
    ['is not ASCII', 'caf\u00e9'],
  ])('that %s is refused', async (_name, key) => {
    await expectRefused(
      world,
      {
        method: 'post',
        path: '/v1/invoices',
        key: world.terminalKey,
        headers: { 'idempotency-key': key },
        body: { amount: 1 },
      },
      { status: 400, code: 'invalid_request', field: 'idempotency-key' },
    )
  })

  it('may have 255 characters', async () => {
    const key = '!'.repeat(255)
    const [first, second] = [await open(key, { amount: 1 }), await open(key, { amount: 1 })]
    expect(second.text).toBe(first.text)
  })

  it('makes nothing twice when its answer was lost with the connection', async () => {
    const body = { amount: 9, order_id: 'lost' }
    const gone = new AbortController()
    const lost = fetch(`${world.url}/v1/invoices`, {
      method: 'POST',
      signal: gone.signal,
      headers: {
        authorization: `Bearer ${world.terminalKey}`,
        'content-type': 'application/json',
        'idempotency-key': 'lost',
      },
      body: JSON.stringify(body),
    }).catch(() => undefined)
    gone.abort()
    await lost
    const answer = await open('lost', body)
    expect([201, 409]).toContain(answer.status)
    expect((await rows('lost')).length).toBeLessThanOrEqual(1)
  })
})
