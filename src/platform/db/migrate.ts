import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Queryable } from './db.ts'
import { sql } from './sql.ts'

/** Any constant: every process that migrates this database waits for the same lock. */
const LOCK_KEY = 0x6261_726f

/**
 * Applies each `NNNN_name.sql` once, in order, each in its own transaction, under one advisory lock.
 * Returns the names applied now. Throws when a file changed after it was applied, or went missing.
 */
export async function migrate(url: string, folder: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK_KEY])
    const known = await readApplied(client)
    const files = await migrationsIn(folder)
    for (const name of known.keys())
      if (!files.includes(name))
        throw new Error(`Migration ${name} was applied but is missing here`)
    const applied: string[] = []
    for (const name of files)
      if (await apply(client, name, await readFile(join(folder, name), 'utf8'), known.get(name)))
        applied.push(name)
    return applied
  } finally {
    await client.end()
  }
}

/** The names of the migrations that a folder holds, in their order. */
export async function migrationsIn(folder: string): Promise<string[]> {
  const files = await readdir(folder)
  return files.filter((file) => /^\d{4}_[a-z0-9_]+\.sql$/.test(file)).sort()
}

/** The names of the migrations that a database has; none when it was never migrated. */
export async function appliedMigrations(db: Queryable): Promise<string[]> {
  const table = await db.one<{ is_there: boolean }>(
    sql`select to_regclass('migrations') is not null as is_there`,
  )
  if (table?.is_there !== true) return []
  return (await db.many<{ name: string }>(sql`select name from migrations`)).map((row) => row.name)
}

async function readApplied(client: pg.Client): Promise<Map<string, string>> {
  await client.query(
    `create table if not exists migrations (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now())`,
  )
  const { rows } = await client.query<{ name: string; sha256: string }>(
    'select name, sha256 from migrations',
  )
  return new Map(rows.map((row) => [row.name, row.sha256]))
}

async function apply(
  client: pg.Client,
  name: string,
  text: string,
  seen: string | undefined,
): Promise<boolean> {
  const sha256 = createHash('sha256').update(text).digest('hex')
  if (seen === sha256) return false
  if (seen !== undefined) throw new Error(`Migration ${name} changed after it was applied`)
  try {
    await client.query('begin')
    await client.query(text)
    await client.query('insert into migrations (name, sha256) values ($1, $2)', [name, sha256])
    await client.query('commit')
  } catch (error) {
    throw new Error(`Migration ${name} failed`, { cause: error })
  }
  return true
}
