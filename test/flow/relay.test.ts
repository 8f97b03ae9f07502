import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { relayOutbox } from '../../src/entry/loops/relay.ts'
import { deliverWebhookJob } from '../../src/flows/jobs.ts'
import type { Database } from '../../src/platform/db/db.ts'
import { claimOutbox, enqueue } from '../../src/platform/db/outbox.ts'
import { openPostgresQueue } from '../../src/platform/queue/postgres.ts'
import type { Queue } from '../../src/platform/queue/queue.ts'
import { connect, createMigratedDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

describe('the relay', () => {
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>
  let db: Database
  let queue: Queue
  beforeEach(async () => {
    database = await createMigratedDatabase()
    db = connect(database, { maxConnections: 4 })
    queue = await openPostgresQueue({
      url: database.url,
      name: 'relay',
      log: { warn() {} },
      maxConnections: 2,
    })
  })
  afterEach(async () => {
    await queue.close()
    await db.close()
    await database.drop()
  })

  const wish = (...ids: string[]) =>
    db.transaction((tx) =>
      enqueue(
        tx,
        deliverWebhookJob,
        ids.map((id) => ({ endpointId: `whe_${id}` as const })),
      ),
    )
  const left = async () => (await db.many({ text: 'select id from outbox', values: [] })).length
  /** What a worker of the queue gets, until it got so many. */
  const work = async (count: number): Promise<unknown[]> => {
    const got: unknown[] = []
    const worker = await queue.work(
      async (job) => {
        got.push(job.payload)
      },
      { concurrency: 4 },
    )
    await until(`${count} jobs`, async () => got.length >= count)
    await worker.close()
    return got
  }
  /** What a relay leaves that died ten seconds ago. */
  const letLeasesEnd = () =>
    db.many({ text: `update outbox set lease_until = now() - interval '1 second'`, values: [] })

  it('hands each wish to the queue once and forgets it', async () => {
    await wish('1', '2', '3')
    expect(await relayOutbox({ db }, queue)).toBe(3)
    expect(await relayOutbox({ db }, queue)).toBe(0)
    expect(await left()).toBe(0)
    expect(await work(3)).toEqual(expect.arrayContaining([{ endpointId: 'whe_2' }]))
  })

  it('hands equal wishes over as one job, and forgets them all', async () => {
    await wish('1', '2', '1', '1')
    expect(await relayOutbox({ db }, queue)).toBe(4)
    expect(await left()).toBe(0)
    expect(await queue.counts()).toMatchObject({ waiting: 2 })
  })

  it('sends no wish of a transaction that was rolled back', async () => {
    await db
      .transaction(async (tx) => {
        await enqueue(tx, deliverWebhookJob, [{ endpointId: 'whe_1' }])
        throw new Error('changed our mind')
      })
      .catch(() => undefined)
    expect(await relayOutbox({ db }, queue)).toBe(0)
  })

  it('takes over what a relay left that died between taking and adding', async () => {
    await wish('1')
    expect(await claimOutbox(db, 10)).toHaveLength(1)
    expect(await relayOutbox({ db }, queue), 'while the dead one may still live').toBe(0)
    await letLeasesEnd()
    expect(await relayOutbox({ db }, queue)).toBe(1)
    expect(await work(1)).toEqual([{ endpointId: 'whe_1' }])
  })

  it('adds again what a relay left that died between adding and forgetting', async () => {
    await wish('1')
    const dying = { ...queue, add: queue.add }
    const [row] = await claimOutbox(db, 10)
    await dying.add([
      {
        id: `${row?.job}-${row?.id}-${row?.sweep}`,
        name: row?.job ?? '',
        payload: row?.payload,
        attempts: 1,
        backoffMs: 1,
      },
    ])
    await letLeasesEnd()
    expect(await relayOutbox({ db }, queue)).toBe(1)
    expect(await left()).toBe(0)
    expect(await work(2)).toEqual([{ endpointId: 'whe_1' }, { endpointId: 'whe_1' }])
  })

  it('gives its rows back at once when the queue refuses them', async () => {
    await wish('1', '2')
    const refusing: Queue = {
      ...queue,
      add: async () => {
        throw new Error('the queue is full')
      },
    }
    await expect(relayOutbox({ db }, refusing)).rejects.toThrow('the queue is full')
    expect(await left()).toBe(2)
    expect(await relayOutbox({ db }, queue)).toBe(2)
  })

  it('shares the work when several relays run at one instant', async () => {
    await wish(...Array.from({ length: 60 }, (_, at) => String(at)))
    const counts = await Promise.all(Array.from({ length: 4 }, () => relayOutbox({ db }, queue)))
    expect(counts.reduce((total, one) => total + one, 0)).toBe(60)
    const got = await work(60)
    expect(new Set(got.map((one) => JSON.stringify(one))).size).toBe(60)
  })
})
