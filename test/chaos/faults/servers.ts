import { Redis } from 'ioredis'
import pg from 'pg'
import { type EmbeddedPostgres, startPostgres } from '../../../src/platform/embedded/postgres.ts'
import { sendSignal } from '../../../src/platform/embedded/process.ts'
import { startRedis } from '../../queue/servers.ts'

/** Our own way into the database, which survives its restarts. */
export type Pool = { rows<Row>(text: string, values?: readonly unknown[]): Promise<Row[]> }

/** A PostgreSQL of this run alone. */
export type DatabaseServer = {
  readonly url: string
  readonly pool: Pool
  /** SIGKILL of the postmaster, and a start on the same port and files. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function keepDatabase(dataDir: string): Promise<DatabaseServer> {
  const log = () => {}
  let server: EmbeddedPostgres = await startPostgres({ dataDir, log })
  const { url, port } = server
  const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 3_000 })
  pool.on('error', () => {})
  let turn: Promise<void> = Promise.resolve()
  const restart = async () => {
    const { exited } = server
    sendSignal(server.pid, 'SIGKILL')
    await exited
    server = await startPostgres({ dataDir, port, log })
  }
  return {
    url,
    pool: {
      rows: async (text: string, values: readonly unknown[] = []) =>
        (await pool.query(text, [...values])).rows,
    },
    restart: () => {
      turn = turn.then(restart)
      return turn
    },
    stop: async () => {
      await turn.catch(() => {})
      await pool.end()
      await server.stop()
    },
  }
}

/** A redis-server of this run alone, which writes every command to its file before it answers. */
export type RedisServer = {
  readonly url: string
  restart(): Promise<void>
  flush(): Promise<void>
  stop(): Promise<void>
}

export async function keepRedis(): Promise<RedisServer> {
  const server = await startRedis(['--maxmemory-policy', 'noeviction'])
  const client = new Redis(server.url, { maxRetriesPerRequest: null })
  client.on('error', () => {})
  return {
    url: server.url,
    restart: server.restart,
    flush: async () => {
      await client.flushall()
    },
    stop: async () => {
      client.disconnect()
      await server.stop()
    },
  }
}
