import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/platform/db/db.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { connect, createDatabase } from '../support/database.ts'

/** Statements are prepared, and a migration may add a column while processes run: one story, told in order. */
describe('a prepared statement', { shuffle: false }, () => {
  let database: Awaited<ReturnType<typeof createDatabase>>
  let db: Database
  beforeAll(async () => {
    database = await createDatabase()
    db = connect(database)
    await db.many(sql`create table things (id int primary key)`)
    await db.many(sql`insert into things (id) values (1)`)
  })
  afterAll(async () => {
    await db.close()
    await database.drop()
  })
  const read = (from: Pick<Database, 'one'>) => from.one(sql`select * from things where id = ${1}`)

  it('is parsed once a connection', async () => {
    for (let at = 0; at < 3; at++) expect(await read(db)).toEqual({ id: 1 })
    const kept = await db.many(
      sql`select 1 from pg_prepared_statements where statement like 'select * from things%'`,
    )
    expect(kept).toHaveLength(1)
  })

  it('goes on when a column is added', async () => {
    await db.many(sql`alter table things add column name text`)
    expect(await read(db)).toEqual({ id: 1, name: null })
    expect(await read(db)).toEqual({ id: 1, name: null })
  })

  it('asks for another try inside a transaction, where nothing else can be done, and then goes on', async () => {
    expect(await db.transaction(read)).toEqual({ id: 1, name: null })
    await db.many(sql`alter table things add column size int`)
    await expect(db.transaction(read)).rejects.toMatchObject({ code: 'database_unavailable' })
    expect(await db.transaction(read)).toEqual({ id: 1, name: null, size: null })
  })
})
