import pg from 'pg'
import { Fault } from '../../kernel/errors.ts'
import type { Sql } from './sql.ts'

export type Row = Record<string, unknown>

/** What a store needs: a pool or an open transaction, it cannot tell which. */
export type Queryable = {
  many<T extends Row>(query: Sql): Promise<T[]>
  one<T extends Row>(query: Sql): Promise<T | undefined>
}

/** What a flow needs. A transaction opened inside a transaction joins it. */
export type Db = Queryable & {
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
  /** Reads several things as they were at one moment. Inside a transaction, as that one sees them. */
  snapshot<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /** Runs `work` when this transaction has committed, and never when it was rolled back; outside of one, at once. */
  onCommit(work: () => void): void
}

/** Connections of a pool. `waiting` callers have none yet. */
export type PoolState = {
  readonly max: number
  readonly inUse: number
  readonly idle: number
  readonly waiting: number
}

export type Database = Db & { pool(): PoolState; close(): Promise<void> }

const INT8 = 20
const parsers = {
  getTypeParser: (oid: number, format?: 'text') =>
    oid === INT8 ? BigInt : pg.types.getTypeParser(oid, format),
}

type OpenOptions = {
  readonly url: string
  readonly maxConnections: number
  readonly applicationName: string
  readonly onIdleError: (error: Error) => void
}

/** A pool of connections. `int8` comes back as bigint. Throws `database_unavailable` when no server answers. */
export function openDatabase(options: OpenOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections,
    application_name: options.applicationName,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    types: parsers as pg.CustomTypesConfig,
  })
  // An idle connection that the server closes emits here. Without a listener Node would end the process.
  pool.on('error', options.onIdleError)
  return {
    ...queryable(pool),
    transaction: (work) => inTransaction(pool, 'begin', work),
    snapshot: (work) =>
      inTransaction(pool, 'begin isolation level repeatable read read only', work),
    onCommit: (work) => work(),
    pool: () => ({
      max: options.maxConnections,
      inUse: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    close: () => pool.end(),
  }
}

async function inTransaction<T>(
  pool: pg.Pool,
  begin: string,
  work: (tx: Db) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch(unavailable)
  // A checked-out client emits here when its server dies; the query that was running rejects as well.
  const ignore = () => {}
  client.on('error', ignore)
  const afterwards: (() => void)[] = []
  const tx: Db = {
    ...queryable(client),
    transaction: (inner) => inner(tx),
    snapshot: (inner) => inner(tx),
    onCommit: (then) => void afterwards.push(then),
  }
  let broken: Error | undefined
  try {
    await client.query(begin)
    const result = await work(tx)
    await client.query('commit')
    for (const then of afterwards) then()
    return result
  } catch (error) {
    // A connection whose rollback fails is in an unknown state: destroy it, keep the first error.
    await client.query('rollback').catch((failure: Error) => {
      broken = failure
    })
    throw isConnectionLoss(error)
      ? new Fault('database_unavailable', undefined, { cause: error })
      : error
  } finally {
    client.off('error', ignore)
    client.release(broken)
  }
}

function queryable(target: pg.Pool | pg.PoolClient): Queryable {
  const many = async <T extends Row>(query: Sql): Promise<T[]> => {
    const result = await target.query<T>(query.text, query.values as unknown[]).catch((error) => {
      throw isConnectionLoss(error)
        ? new Fault('database_unavailable', undefined, { cause: error })
        : error
    })
    return result.rows
  }
  return { many, one: async <T extends Row>(query: Sql) => (await many<T>(query))[0] }
}

function unavailable(error: unknown): never {
  throw new Fault('database_unavailable', undefined, { cause: error })
}

/** SQLSTATE class 57P is a server that is going down or coming up; a socket error has no SQLSTATE at all. */
function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Fault) return false
  const code = 'code' in error ? String(error.code) : ''
  return (
    /^(57P0[123]|08|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/.test(code) ||
    /Connection terminated|timeout exceeded when trying to connect|not queryable/.test(
      error.message,
    )
  )
}

/** The constraint that a statement broke (SQLSTATE 23505, unique), or undefined for any other error. */
export function brokenUniqueConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code === '23505' ? error.constraint : undefined
}
