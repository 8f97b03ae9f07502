import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventOf } from '../../src/domains/webhooks/event.ts'
import { listEvents, recordEvents } from '../../src/domains/webhooks/store.ts'
import { addShop } from '../support/http.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

describe('events', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const eventFor = (merchantId: `mer_${string}`, aggregateId: string) =>
    eventOf({
      merchantId,
      type: 'invoice.cancelled',
      aggregateId,
      sequence: 1,
      object: {},
      at: new Date(),
    })
  const isWaiting = async () =>
    (
      await world.deps.db.many({
        text: `select 1 from pg_locks where locktype = 'advisory' and not granted
          and database = (select oid from pg_database where datname = current_database())`,
        values: [],
      })
    ).length > 0

  it('of one merchant are committed in the order in which a reader’s cursor meets them', async () => {
    const { merchant } = await addShop(world)
    const { db } = world.deps
    const read = async () => (await listEvents(db, merchant.id, undefined, 10)).map((one) => one.id)
    const [slow, quick] = [eventFor(merchant.id, 'inv_slow'), eventFor(merchant.id, 'inv_quick')]
    let finish = () => {}
    const mayFinish = new Promise<void>((resolve) => {
      finish = resolve
    })
    let isRecorded = () => {}
    const recorded = new Promise<void>((resolve) => {
      isRecorded = resolve
    })
    const first = db.transaction(async (tx) => {
      await recordEvents(tx, [slow])
      isRecorded()
      await mayFinish
    })
    await recorded
    const second = db.transaction((tx) => recordEvents(tx, [quick]))
    await until('the second recorder waits', isWaiting)
    expect(await read(), 'no reader may move past the slow one').toEqual([])
    finish()
    await Promise.all([first, second])
    expect(await read()).toEqual([slow.id, quick.id])
  })

  it('of other merchants do not wait', async () => {
    const [one, other] = [await addShop(world), await addShop(world)]
    const { db } = world.deps
    await db.transaction(async (tx) => {
      await recordEvents(tx, [eventFor(one.merchant.id, 'inv_one')])
      await db.transaction((beside) =>
        recordEvents(beside, [eventFor(other.merchant.id, 'inv_other')]),
      )
    })
    expect(await listEvents(db, other.merchant.id, undefined, 10)).toHaveLength(1)
  })

  it('are recorded once under one id, whoever records them again', async () => {
    const { merchant } = await addShop(world)
    const { db } = world.deps
    const event = eventFor(merchant.id, 'inv_twice')
    await Promise.all(
      Array.from({ length: 5 }, () => db.transaction((tx) => recordEvents(tx, [event, event]))),
    ).catch(() => undefined)
    expect(await listEvents(db, merchant.id, undefined, 10)).toMatchObject([{ id: event.id }])
  })
})
