import type { ServerResponse } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { MAX_AT_ONE_ENDPOINT, RETRY_SECONDS } from '../../src/domains/webhooks/schedule.ts'
import {
  claimDeliveries,
  type DeliveryKey,
  listDueEndpoints,
} from '../../src/domains/webhooks/store.ts'
import { deliverWebhooks } from '../../src/flows/deliver-webhooks.ts'
import type { EndpointId } from '../../src/kernel/ids.ts'
import { secondsAfter } from '../../src/kernel/time.ts'
import { openPoster } from '../../src/platform/net/post.ts'
import { addShop, send } from '../support/http.ts'
import { openReceiver, type Received, type Receiver } from '../support/receiver.ts'
import { openInvoice } from '../support/sale.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

type Delivery = {
  readonly endpoint_id: string
  readonly status: string
  readonly attempts: number
  readonly next_at: Date
}

describe('a webhook', () => {
  let world: World
  const receivers: Receiver[] = []
  beforeAll(async () => {
    world = await openWorld()
  })
  afterEach(async () => {
    await Promise.all(receivers.splice(0).map((one) => one.close()))
  })
  afterAll(() => world.close())

  /** A merchant of its own with so many receivers. */
  const shopWith = async (count: number) => {
    const shop = await addShop(world)
    const till = { ...world, terminalKey: shop.terminalKeyText, merchantKey: shop.keyText }
    const endpoints = []
    for (let index = 0; index < count; index++) {
      const receiver = await openReceiver()
      receivers.push(receiver)
      const { body } = await send(world, {
        method: 'post',
        path: '/v1/webhook-endpoints',
        key: shop.keyText,
        body: { url: receiver.url },
      })
      endpoints.push({ receiver, id: String(body.id), secret: String(body.secret) })
    }
    /** Makes an event: an invoice that is cancelled. Returns its deliveries' keys. */
    const happen = async (): Promise<DeliveryKey[]> => {
      const { id } = await openInvoice(till)
      await send(world, { method: 'post', path: `/v1/invoices/${id}/cancel`, key: shop.keyText })
      return world.deps.db.many<DeliveryKey>({
        text: `select d.event_id as "eventId", d.endpoint_id as "endpointId"
          from webhook_deliveries d join events e on e.id = d.event_id
          where e.aggregate_id = $1 order by d.endpoint_id`,
        values: [id],
      })
    }
    return { shop, endpoints, happen }
  }
  const one = <Item>(items: readonly Item[]): Item => {
    const [item] = items
    if (item === undefined || items.length !== 1) throw new Error(`${items.length} and not one`)
    return item
  }
  const rowOf = async (key: DeliveryKey) =>
    one(
      await world.deps.db.many<Delivery>({
        text: 'select * from webhook_deliveries where event_id = $1 and endpoint_id = $2',
        values: [key.eventId, key.endpointId],
      }),
    )
  const attemptsOf = (key: DeliveryKey) =>
    world.deps.db.many<{
      attempt: number
      outcome: string
      status: number | null
      snippet: string
    }>({
      text: 'select * from webhook_attempts where event_id = $1 and endpoint_id = $2 order by attempt',
      values: [key.eventId, key.endpointId],
    })
  /** The signature that the library of the standard makes over what came. */
  const expectSigned = (secret: string, { id, headers, body }: Received) => {
    const at = new Date(Number(headers['webhook-timestamp']) * 1_000)
    expect(headers['webhook-signature']).toBe(new Webhook(secret).sign(id, at, body))
  }

  it('is signed as Standard Webhooks says, and carries the event as it is pulled', async () => {
    const { shop, endpoints, happen } = await shopWith(1)
    const { receiver, secret } = one(endpoints)
    const key = one(await happen())
    await deliverWebhooks(world.deps, key.endpointId)
    const request = one(receiver.received)
    const { id, headers, body } = request
    expectSigned(secret, request)
    const event = JSON.parse(body)
    expect(event).toMatchObject({
      id,
      type: 'invoice.cancelled',
      data: { object: { status: 'cancelled' } },
    })
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Baro-Webhooks/1',
      'webhook-attempt': '1',
    })
    expect(id).toMatch(/^evt_[0-9a-z]{26}$/)
    const pulled = await send(world, { path: '/v1/events', key: shop.keyText })
    expect(pulled.body.data).toEqual([event])
    expect(await rowOf(key)).toMatchObject({ status: 'delivered', attempts: 1 })
    for (const spoiled of [`${body} `, body.replace('cancelled', 'paid')])
      expect(() => expectSigned(secret, { ...request, body: spoiled })).toThrow()
  })

  it('goes out once, though several senders take it at one instant', async () => {
    const { endpoints, happen } = await shopWith(1)
    const key = one(await happen())
    await Promise.all(Array.from({ length: 6 }, () => deliverWebhooks(world.deps, key.endpointId)))
    await deliverWebhooks(world.deps, key.endpointId)
    expect(one(endpoints).receiver.received).toHaveLength(1)
  })

  it('is tried fifteen times over more than seven days, under one id and with one body, and then parked', async () => {
    const { endpoints, happen } = await shopWith(1)
    const { receiver, secret } = one(endpoints)
    receiver.answer(500)
    const key = one(await happen())
    const begin = world.clock.now().getTime()
    for (const [index, nominal] of [...RETRY_SECONDS, undefined].entries()) {
      await deliverWebhooks(world.deps, key.endpointId)
      await deliverWebhooks(world.deps, key.endpointId)
      const { status, attempts, next_at } = await rowOf(key)
      expect(attempts).toBe(index + 1)
      expect(status).toBe(nominal === undefined ? 'parked' : 'pending')
      if (nominal === undefined) break
      const wait = (next_at.getTime() - world.clock.now().getTime()) / 1_000
      expect(wait).toBeGreaterThan(nominal * 0.8 - 3)
      expect(wait).toBeLessThanOrEqual(nominal * 1.2)
      world.clock.advance(wait * 1_000 + 1)
    }
    const days = (world.clock.now().getTime() - begin) / 86_400_000
    expect(days).toBeGreaterThan(5.5)
    expect(days).toBeLessThan(9)
    expect(receiver.received).toHaveLength(15)
    expect(new Set(receiver.received.map(({ id, body }) => `${id} ${body}`)).size).toBe(1)
    for (const [index, request] of receiver.received.entries()) {
      expect(request.headers['webhook-attempt']).toBe(String(index + 1))
      expectSigned(secret, request)
    }
    expect((await attemptsOf(key)).map((attempt) => attempt.status)).toEqual(Array(15).fill(500))
  })

  it.each([
    ['hangs', 'timeout', () => {}],
    ['breaks off', 'reset', (response: { destroy(): void }) => response.destroy()],
  ] as const)('is tried again when the receiver %s', async (_name, outcome, answer) => {
    const { endpoints, happen } = await shopWith(1)
    const { receiver } = one(endpoints)
    const poster = openPoster({
      allowCidrs: ['127.0.0.0/8'],
      connectTimeoutMs: 300,
      headersTimeoutMs: 300,
      totalTimeoutMs: 300,
    })
    receiver.answer(answer)
    const key = one(await happen())
    await deliverWebhooks({ ...world.deps, poster }, key.endpointId)
    expect(await attemptsOf(key)).toMatchObject([{ attempt: 1, outcome, status: null }])
    receiver.answer(204)
    world.clock.advance(7_000)
    await deliverWebhooks({ ...world.deps, poster }, key.endpointId)
    await poster.close()
    expect(await rowOf(key)).toMatchObject({ status: 'delivered', attempts: 2 })
    expect(new Set(receiver.received.map((request) => request.id)).size).toBe(1)
  })

  it('does not follow a redirect', async () => {
    const { endpoints, happen } = await shopWith(1)
    const { receiver } = one(endpoints)
    const trap = await openReceiver()
    receivers.push(trap)
    receiver.answer((response) => {
      response.writeHead(302, { location: trap.url }).end()
    })
    const key = one(await happen())
    await deliverWebhooks(world.deps, key.endpointId)
    expect(trap.received).toEqual([])
    expect(await attemptsOf(key)).toMatchObject([{ outcome: 'answered', status: 302 }])
    expect(await rowOf(key)).toMatchObject({ status: 'pending' })
  })

  it('waits as long as a receiver asks, up to twice the schedule', async () => {
    const { endpoints, happen } = await shopWith(1)
    const { receiver } = one(endpoints)
    for (const [asked, waited] of [
      [8, 8],
      [1, 5],
      [3_600, 10],
    ] as const) {
      receiver.answer((response) => {
        response.writeHead(429, { 'retry-after': String(asked) }).end()
      })
      const key = one(await happen())
      const before = world.clock.now().getTime()
      await deliverWebhooks(world.deps, key.endpointId)
      const { next_at } = await rowOf(key)
      const after = world.clock.now().getTime()
      expect(next_at.getTime()).toBeGreaterThanOrEqual(before + waited * 1_000)
      expect(next_at.getTime()).toBeLessThanOrEqual(after + waited * 1_000)
    }
  })

  it('stops for good at an endpoint that answers 410', async () => {
    const { shop, endpoints, happen } = await shopWith(1)
    const { receiver } = one(endpoints)
    receiver.answer(410)
    const first = one(await happen())
    await deliverWebhooks(world.deps, first.endpointId)
    expect(await rowOf(first)).toMatchObject({ status: 'parked' })
    const list = await send(world, { path: '/v1/webhook-endpoints', key: shop.keyText })
    expect(list.body.data).toEqual([])
    expect(await happen()).toEqual([])
    expect(receiver.received).toHaveLength(1)
  })

  it('sends nothing more to an endpoint that answered 410 to another event', async () => {
    const { endpoints, happen } = await shopWith(1)
    const { receiver } = one(endpoints)
    const keys = []
    for (let at = 0; at < MAX_AT_ONE_ENDPOINT + 1; at++) keys.push(one(await happen()))
    receiver.answer(410)
    for (const key of keys.slice(0, 2)) await deliverWebhooks(world.deps, key.endpointId)
    expect(receiver.received).toHaveLength(MAX_AT_ONE_ENDPOINT)
    const rows = await Promise.all(keys.map(rowOf))
    expect(rows.map((row) => row.status)).toEqual(Array(keys.length).fill('parked'))
  })

  it('reaches the healthy endpoint though the other one is dead', async () => {
    const { endpoints, happen } = await shopWith(2)
    const [dead, healthy] = endpoints
    await dead?.receiver.close()
    const keys = await happen()
    await Promise.all(keys.map((key) => deliverWebhooks(world.deps, key.endpointId)))
    expect(healthy?.receiver.received).toHaveLength(1)
    const rows = await Promise.all(keys.map(rowOf))
    expect(rows.map((row) => row.status).sort()).toEqual(['delivered', 'pending'])
    const [failed] = keys.filter((key) => key.endpointId === dead?.id)
    expect(failed && (await attemptsOf(failed))).toMatchObject([{ outcome: 'connect' }])
  })

  it('goes out beside at most seven others to one endpoint, so that one that hangs keeps few senders waiting', async () => {
    const { endpoints, happen } = await shopWith(2)
    const [hanging, healthy] = endpoints
    const held: ServerResponse[] = []
    hanging?.receiver.answer((response) => held.push(response))
    const count = MAX_AT_ONE_ENDPOINT + 4
    const keys = (await Promise.all(Array.from({ length: count }, happen))).flat()
    const sent = Promise.all(keys.map((key) => deliverWebhooks(world.deps, key.endpointId)))
    await healthy?.receiver.waitFor(count)
    await hanging?.receiver.waitFor(MAX_AT_ONE_ENDPOINT)
    expect(hanging?.receiver.received).toHaveLength(MAX_AT_ONE_ENDPOINT)
    hanging?.receiver.answer(204)
    for (const response of held) response.end()
    await sent
    expect(hanging?.receiver.received).toHaveLength(count)
    expect(healthy?.receiver.received).toHaveLength(count)
  })

  it('leaves an endpoint alone that has failed, until its time comes', async () => {
    const { endpoints, happen } = await shopWith(1)
    const { receiver } = one(endpoints)
    receiver.answer(500)
    const keys = []
    for (let at = 0; at < MAX_AT_ONE_ENDPOINT + 1; at++) keys.push(one(await happen()))
    await deliverWebhooks(world.deps, one(endpoints).id as EndpointId)
    expect(receiver.received).toHaveLength(MAX_AT_ONE_ENDPOINT)
    const rows = await Promise.all(keys.map(rowOf))
    expect(rows.map((row) => row.attempts)).toEqual([...Array(MAX_AT_ONE_ENDPOINT).fill(1), 0])
  })

  it('goes out again under the same id when its sender dies between sending and recording', async () => {
    const { endpoints, happen } = await shopWith(1)
    const { receiver } = one(endpoints)
    const key = one(await happen())
    const claimed = await claimDeliveries(world.deps.db, key.endpointId, world.clock.now())
    expect(claimed).toMatchObject([{ eventId: key.eventId, attempt: 1 }])
    await deliverWebhooks(world.deps, key.endpointId)
    expect(receiver.received, 'the dead one still holds it').toEqual([])
    world.clock.advance(21_000)
    const due = (busy: EndpointId[]) =>
      listDueEndpoints(world.deps.db, world.clock.now(), busy, 1_000)
    expect(await due([])).toContain(key.endpointId)
    expect(await due([key.endpointId])).not.toContain(key.endpointId)
    await deliverWebhooks(world.deps, key.endpointId)
    const { id, headers } = one(receiver.received)
    expect([id, headers['webhook-attempt']]).toEqual([key.eventId, '2'])
    expect(await rowOf(key)).toMatchObject({ status: 'delivered', attempts: 2 })
  })

  it('survives the end of the worker that failed to deliver it', async () => {
    const { endpoints, happen } = await shopWith(1)
    const { receiver, secret } = one(endpoints)
    receiver.answer(503)
    const first = await world.startWorker()
    const key = one(await happen())
    await receiver.waitFor(1)
    await until('the failure in the log', async () => (await attemptsOf(key)).length === 1)
    await first.stop()
    receiver.answer(200)
    world.clock.advance(10_000)
    const second = await world.startWorker()
    await receiver.waitFor(2)
    await until('the delivery', async () => (await rowOf(key)).status === 'delivered')
    await second.stop()
    expect(new Set(receiver.received.map(({ id, body }) => `${id} ${body}`)).size).toBe(1)
    for (const request of receiver.received) expectSigned(secret, request)
  })

  it('is due from the moment of its event', async () => {
    const { happen } = await shopWith(1)
    const key = one(await happen())
    const { next_at } = await rowOf(key)
    expect(next_at <= secondsAfter(world.clock.now(), 1)).toBe(true)
  })
})
