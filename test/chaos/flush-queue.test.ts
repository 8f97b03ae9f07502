import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sql } from '../../src/platform/db/sql.ts'
import { REDIS_HERE, type Server, startRedis } from '../queue/servers.ts'
import { eventually } from './eventually.ts'
import { openRig, type Rig } from './rig.ts'
import { assertSold } from './sold.ts'

/** A lane looks by itself every second. */
const LANE_LOOK_MS = 2_000

describe.skipIf(!REDIS_HERE)('a worker whose Redis forgets everything', () => {
  let server: Server
  let rig: Rig
  beforeAll(async () => {
    server = await startRedis()
    rig = await openRig({ redisUrl: server.url })
    await rig.startWorker()
  })
  afterAll(async () => {
    await rig.close()
    await server.stop()
  })

  it('settles a sale whose job was lost after the outbox had forgotten it', async () => {
    const { db } = rig.world.deps
    const redis = new Redis(server.url, { maxRetriesPerRequest: null })
    const queue = new Queue('baro', { connection: redis, prefix: '{baro}' })
    // A paused queue takes jobs and gives none.
    await queue.pause()
    const sale = await rig.confirm(await rig.openSale())
    const isForgotten = async () => (await db.one(sql`select 1 from outbox`)) === undefined
    await eventually('the outbox forgets the job', isForgotten, LANE_LOOK_MS)
    expect(await queue.count()).toBe(1)
    await redis.flushall()
    const isJournaled = async () =>
      (await db.one(sql`select 1 from batch_payments where payment_id = ${sale.paymentId}`)) !==
      undefined
    await eventually('the lane finds the payment by itself', isJournaled, LANE_LOOK_MS)
    await assertSold(rig, sale)
    await queue.close()
    redis.disconnect()
  })
})
