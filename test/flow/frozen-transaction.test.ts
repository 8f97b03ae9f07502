import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/platform/db/db.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { connect, createDatabase } from '../support/database.ts'

const GIVEN_UP_MS = 10_000

/** A process that is stopped inside a transaction sends nothing more, and keeps its connection. */
describe('a transaction in which nothing happens', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>
  let frozen: Database
  let other: Database
  beforeAll(async () => {
    database = await createDatabase()
    frozen = connect(database)
    other = connect(database)
  })
  afterAll(async () => {
    await frozen.close()
    await other.close()
    await database.drop()
  })
  const lock = sql`select pg_advisory_xact_lock(1)`

  it('is given up with its locks, so that nobody waits for it for ever', async () => {
    let wake = () => {}
    const asleep = new Promise<void>((resolve) => {
      wake = resolve
    })
    let isHeld = () => {}
    const held = new Promise<void>((resolve) => {
      isHeld = resolve
    })
    const work = frozen.transaction(async (tx) => {
      await tx.many(lock)
      isHeld()
      await asleep
      await tx.many(sql`select 1`)
    })
    const ended = expect(work).rejects.toMatchObject({ code: 'database_unavailable' })
    await held
    const begun = performance.now()
    await other.transaction((tx) => tx.many(lock))
    expect(performance.now() - begun).toBeGreaterThan(GIVEN_UP_MS / 2)
    wake()
    await ended
    expect(await frozen.one(sql`select 1 as one`)).toEqual({ one: 1 })
  }, 30_000)
})
