import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import { type Database, openDatabase } from '../../src/platform/db/db.ts'
import { migrate } from '../../src/platform/db/migrate.ts'

const MIGRATIONS = join(import.meta.dirname, '../../migrations')

/** A database of one's own in the test server, dropped by `drop`. */
export async function createDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const server = inject('postgresUrl')
  const asAdmin = async (statement: string) => {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }
  await asAdmin(`create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () => asAdmin(`drop database ${name} with (force)`),
  }
}

/** The same with every migration applied. */
export async function createMigratedDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const database = await createDatabase()
  await migrate(database.url, MIGRATIONS)
  return database
}

/** A pool on a database of one's own: one connection, unless more are asked for. */
export function connect(
  database: { readonly url: string },
  options: { readonly maxConnections?: number; readonly planMs?: number } = {},
): Database {
  const { url } = database
  return openDatabase({
    ...{ url, maxConnections: 1, applicationName: 'test', onIdleError: () => {} },
    ...options,
  })
}
