import { realpathSync } from 'node:fs'
import pg from 'pg'

const CONNECT_LIMIT_MS = 3_000

async function withClient<T>(
  port: number,
  password: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    database: 'postgres',
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    query_timeout: CONNECT_LIMIT_MS * 10,
  })
  // Without a listener a connection that the server closes would end this process.
  client.on('error', () => {})
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

/** How a server answers: it serves, it may do so soon, or it refuses us for good, with its reason. */
export type Answer = 'serves' | 'not yet' | { readonly refusal: string }

// https://www.postgresql.org/docs/18/errcodes-appendix.html: cannot_connect_now, too_many_connections, shutting down
const PASSING_CODES = ['57P03', '53300', '57P01']

/** Asks the server on `port` with our password, and whether its files are those in `folder`. */
export async function askServer(port: number, password: string, folder: string): Promise<Answer> {
  try {
    return await withClient(port, password, async (client) => {
      const { rows } = await client.query('show data_directory')
      const served = realpathSync(String(rows[0]?.data_directory))
      return served === realpathSync(folder) ? 'serves' : { refusal: `it serves ${served}` }
    })
  } catch (error) {
    const isFinal = error instanceof pg.DatabaseError && !PASSING_CODES.includes(error.code ?? '')
    return isFinal ? { refusal: error.message } : 'not yet'
  }
}

/** Makes the database `baro` where a first start was killed before, or has just begun. */
export async function createDatabase(port: number, password: string): Promise<void> {
  await withClient(port, password, async (client) => {
    const { rowCount } = await client.query(`select 1 from pg_database where datname = 'baro'`)
    if (rowCount === 0) await client.query('create database baro')
  })
}
