import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/platform/db/db.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { connect, createDatabase } from '../support/database.ts'

const ROWS = 20_000
/** More than after which PostgreSQL stops planning each execution of a statement. */
const OFTEN = 10
const PLAN_MS = 50

/** A young table grows, and nobody has told PostgreSQL: one story, told in order. */
describe('a kept plan', { shuffle: false }, () => {
  let database: Awaited<ReturnType<typeof createDatabase>>
  let db: Database
  beforeAll(async () => {
    database = await createDatabase()
    db = connect(database, { planMs: PLAN_MS })
    await db.many(sql`create table parents (id int primary key) with (autovacuum_enabled = false)`)
    await db.many(sql`insert into parents values (1)`)
    await db.many(sql`create table children (id int generated always as identity primary key,
      parent int not null references parents)`)
    await db.many(sql`vacuum analyze parents`)
  })
  afterAll(async () => {
    await db.close()
    await database.drop()
  })

  const ask = async () => {
    for (let at = 0; at < OFTEN; at++) await db.one(sql`select id from parents where id = ${1}`)
  }
  /** What a foreign key asks the table that it points to. */
  const point = async () => {
    for (let at = 0; at < OFTEN; at++) await db.many(sql`insert into children (parent) values (1)`)
  }
  const scans = async (work: () => Promise<void>) => {
    const count = async () => {
      await db.many(sql`select pg_stat_force_next_flush()`)
      const row = await db.one<{ whole: bigint; found: bigint }>(sql`
        select seq_scan as whole, idx_scan as found from pg_stat_user_tables where relname = 'parents'`)
      return { whole: Number(row?.whole), found: Number(row?.found) }
    }
    const before = await count()
    await work()
    const after = await count()
    return { whole: after.whole - before.whole, found: after.found - before.found }
  }

  it('reads a table of one row whole', async () => {
    expect(await scans(ask)).toEqual({ whole: OFTEN, found: 0 })
    expect(await scans(point)).toEqual({ whole: OFTEN, found: 0 })
  })

  it('is made anew for what the table has become', async () => {
    await db.many(sql`insert into parents select generate_series(2, ${ROWS})`)
    await sleep(2 * PLAN_MS)
    expect(await scans(ask)).toEqual({ whole: 0, found: OFTEN })
    expect(await scans(point)).toEqual({ whole: 0, found: OFTEN })
  })
})
