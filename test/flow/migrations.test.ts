import { cp, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrate } from '../../src/platform/db/migrate.ts'
import { createDatabase } from '../support/database.ts'

const MIGRATIONS = join(import.meta.dirname, '../../migrations')

describe('migrations', () => {
  let folder: string
  let database: Awaited<ReturnType<typeof createDatabase>>
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'baro-migrations-'))
    await cp(MIGRATIONS, folder, { recursive: true })
    database = await createDatabase()
  })
  afterEach(async () => {
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })

  const query = async (text: string) => {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    return client.query(text).finally(() => client.end())
  }
  const names = async () =>
    (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort()

  it('are applied in order and once', async () => {
    expect(await migrate(database.url, folder)).toEqual(await names())
    expect(await migrate(database.url, folder)).toEqual([])
  })

  it('are applied once by eight processes that start at one instant', async () => {
    const runs = await Promise.all(Array.from({ length: 8 }, () => migrate(database.url, folder)))
    expect(runs.filter((applied) => applied.length > 0)).toEqual([await names()])
    const { rows } = await query('select name from migrations order by name')
    expect(rows.map((row) => row.name)).toEqual(await names())
  })

  it('are added to later, and other files of the folder are left alone', async () => {
    await migrate(database.url, folder)
    await writeFile(join(folder, '9998_more.sql'), 'create table more (id text);')
    await writeFile(join(folder, '9999_notes.txt'), 'drop table invoices;')
    await writeFile(join(folder, 'draft.sql'), 'drop table invoices;')
    expect(await migrate(database.url, folder)).toEqual(['9998_more.sql'])
  })

  it('are refused when one changed after it was applied', async () => {
    await migrate(database.url, folder)
    await writeFile(join(folder, '0001_init.sql'), '-- nothing\n')
    await expect(migrate(database.url, folder)).rejects.toThrow(
      'Migration 0001_init.sql changed after it was applied',
    )
  })

  it('are refused when one that was applied is missing', async () => {
    await migrate(database.url, folder)
    await rename(join(folder, '0001_init.sql'), join(folder, '0001_other.sql'))
    await expect(migrate(database.url, folder)).rejects.toThrow(
      'Migration 0001_init.sql was applied but is missing here',
    )
  })

  it('leave nothing behind when one fails, and go on when it is mended', async () => {
    await migrate(database.url, folder)
    const file = join(folder, '9998_half.sql')
    await writeFile(file, 'create table half (id text); select 1 / 0;')
    await expect(migrate(database.url, folder)).rejects.toThrow('Migration 9998_half.sql failed')
    const { rows } = await query("select to_regclass('half') as half")
    expect(rows).toEqual([{ half: null }])
    await writeFile(file, 'create table half (id text);')
    expect(await migrate(database.url, folder)).toEqual(['9998_half.sql'])
  })
})
