import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { MAX_AT_ONE_ENDPOINT } from '../../src/domains/webhooks/schedule.ts'
import {
  claimDeliveries,
  insertEndpoint,
  listDueEndpoints,
} from '../../src/domains/webhooks/store.ts'
import { openSenders } from '../../src/flows/deliver-webhooks.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { Db, Row } from '../../src/platform/db/db.ts'
import type { Sql } from '../../src/platform/db/sql.ts'
import { addShop, send } from '../support/http.ts'
import { openReceiver, type Receiver } from '../support/receiver.ts'
import { openInvoice } from '../support/sale.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

/** More than the sweep takes in one round, and than there are places for jobs. */
const HANGING = 40
/** Three times as many as one endpoint is sent at a time. */
const BACKLOG = 3 * MAX_AT_ONE_ENDPOINT
/** A request hangs for ten seconds. */
const PROMPT_MS = 6_000
/** What has no job is sent by the sweep, when it is so late. */
const SWEPT_MS = 2_000

describe('a slow endpoint', () => {
  let world: World
  const receivers: Receiver[] = []
  beforeAll(async () => {
    world = await openWorld()
  })
  afterEach(async () => {
    await Promise.all(receivers.splice(0).map((one) => one.close()))
  })
  afterAll(() => world.close())

  /** A merchant of its own whose endpoints are so many receivers. */
  const shopWith = async (count: number) => {
    const shop = await addShop(world)
    const till = { ...world, terminalKey: shop.terminalKeyText, merchantKey: shop.keyText }
    const endpoints = await Promise.all(
      Array.from({ length: count }, async () => {
        const receiver = await openReceiver()
        receivers.push(receiver)
        const createdAt = world.clock.now()
        const id = newId('whe', createdAt)
        const { url } = receiver
        const merchantId = shop.merchant.id
        await insertEndpoint(world.deps.db, { id, merchantId, url, secret: SECRET, createdAt })
        return { id, receiver }
      }),
    )
    /** Makes an event: an invoice that is cancelled. */
    const happen = async () => {
      const { id } = await openInvoice(till)
      await send(world, { method: 'post', path: `/v1/invoices/${id}/cancel`, key: shop.keyText })
    }
    return { endpoints, happen }
  }
  /** A merchant with one endpoint. */
  const single = async () => {
    const { endpoints, happen } = await shopWith(1)
    const [endpoint] = endpoints
    if (endpoint === undefined) throw new Error('no endpoint')
    return { ...endpoint, happen }
  }
  const times = async (count: number, work: () => Promise<unknown>) => {
    for (let at = 0; at < count; at++) await work()
  }

  it('holds up neither first attempts nor retries of others, however many hang with a backlog', async () => {
    const slow = await shopWith(HANGING)
    for (const { receiver } of slow.endpoints) receiver.answer(() => {})
    await times(BACKLOG, slow.happen)
    world.clock.advance(5_000)
    const worker = await world.startWorker()
    const all = slow.endpoints.map(({ receiver }) => receiver)
    await until('requests that hang at every slow endpoint', async () =>
      all.every(({ received }) => received.length > 0),
    )
    const { receiver, happen } = await single()
    receiver.answer(500)
    const began = performance.now()
    await happen()
    await receiver.waitFor(1)
    const first = performance.now() - began
    receiver.answer(200)
    // The retry is due after six seconds at most, and late two seconds later.
    world.clock.advance(9_000)
    const advanced = performance.now()
    await receiver.waitFor(2)
    const retry = performance.now() - advanced
    expect(first).toBeLessThan(PROMPT_MS)
    expect(retry).toBeLessThan(PROMPT_MS)
    for (const one of all) one.answer(410)
    await Promise.all(all.map((one) => one.close()))
    await worker.stop()
  }, 60_000)

  it('takes no places of jobs from others, though each of its events has one', async () => {
    // Eight jobs of each were all that a worker has places for.
    const slow = await shopWith(2)
    for (const { receiver } of slow.endpoints) receiver.answer(() => {})
    const worker = await world.startWorker()
    for (let at = 1; at <= MAX_AT_ONE_ENDPOINT; at++) {
      await slow.happen()
      for (const { receiver } of slow.endpoints) await receiver.waitFor(at)
    }
    const { receiver, happen } = await single()
    await happen()
    const began = performance.now()
    await receiver.waitFor(1)
    expect(performance.now() - began).toBeLessThan(SWEPT_MS)
    for (const one of slow.endpoints) await one.receiver.close()
    await worker.stop()
  }, 60_000)

  it('keeps no caller waiting beyond its share, and gets all of its events once it answers', async () => {
    const { id, receiver, happen } = await single()
    const senders = openSenders(world.deps)
    const held: ServerResponse[] = []
    receiver.answer((response) => held.push(response))
    const sent = []
    for (let at = 1; at <= MAX_AT_ONE_ENDPOINT; at++) {
      await happen()
      sent.push(senders.send(id))
      await receiver.waitFor(at)
    }
    expect(senders.busy()).toEqual([id])
    await times(3, happen)
    await senders.send(id)
    expect(receiver.received).toHaveLength(MAX_AT_ONE_ENDPOINT)
    receiver.answer(200)
    for (const response of held) response.end()
    await Promise.all(sent)
    expect(receiver.received).toHaveLength(MAX_AT_ONE_ENDPOINT + 3)
    expect(senders.busy()).toEqual([])
  })

  it('gets an event that comes when each of its senders has looked for the last time', async () => {
    const { id, receiver, happen } = await single()
    let looked = 0
    let letGo = () => {}
    const gate = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const { db } = world.deps
    const slowDb: Db = {
      ...db,
      many: async <T extends Row>(query: Sql) => {
        const rows = await db.many<T>(query)
        looked += 1
        await gate
        return rows
      },
    }
    const senders = openSenders({ ...world.deps, db: slowDb })
    const sent = Array.from({ length: MAX_AT_ONE_ENDPOINT }, () => senders.send(id))
    await until('the last looks', async () => looked === MAX_AT_ONE_ENDPOINT)
    await happen()
    await senders.send(id)
    letGo()
    await Promise.all(sent)
    expect(receiver.received).toHaveLength(1)
  })

  it('is left out of the sweep while another process sends it all that it may have at a time', async () => {
    const { id, happen } = await single()
    await times(MAX_AT_ONE_ENDPOINT + 1, happen)
    const due = () => listDueEndpoints(world.deps.db, world.clock.now(), [], 1_000)
    expect(await due()).toContain(id)
    await claimDeliveries(world.deps.db, id, world.clock.now())
    expect(await due()).not.toContain(id)
    world.clock.advance(21_000)
    expect(await due()).toContain(id)
  })
})

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
