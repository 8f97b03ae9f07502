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
const MOST_STATEMENTS = 500
const PLAN_MS = 2_000
const parsers = {
  getTypeParser: (oid: number, format?: 'text') =>
    oid === INT8 ? BigInt : pg.types.getTypeParser(oid, format),
}

type OpenOptions = {
  readonly url: string
  readonly maxConnections: number
  readonly applicationName: string
  /** A server that has not answered a query by then counts as gone. Without it, it is waited for. */
  readonly queryTimeoutMs?: number
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
    // What is read often is in memory: there a page here and there costs little more than one after the other. And a
    // statement that looks large starts no processes of its own: many small ones share the cores.
    // A process that is frozen or gone inside a transaction keeps its locks no longer than this.
    options: [
      '-c random_page_cost=1.1 -c max_parallel_workers_per_gather=0',
      '-c idle_in_transaction_session_timeout=10s',
      '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3',
    ].join(' '),
    ...(options.queryTimeoutMs === undefined ? {} : { query_timeout: options.queryTimeoutMs }),
    types: parsers as pg.CustomTypesConfig,
  })
  // An idle connection that the server closes emits here. Without a listener Node would end the process.
  pool.on('error', options.onIdleError)
  const statements = openStatements()
  const borrow = openLoans(pool)
  return {
    ...queryable((query, name) => borrow((client) => ask(client, query, name)), statements, true),
    transaction: (work) => inTransaction(borrow, statements, 'begin', work),
    snapshot: (work) =>
      inTransaction(borrow, statements, 'begin isolation level repeatable read read only', work),
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

/** Lends a connection of the pool for some work. `spoil` has it thrown away afterwards. */
type Borrow = <T>(
  work: (client: pg.PoolClient, spoil: (error: Error) => void) => Promise<T>,
) => Promise<T>

/**
 * A plan that is kept is a plan for tables as large as they were: on a young database it reads whole tables later. So
 * none is kept for long; and what planning costs, with foreign keys once a row, is paid now and then.
 */
function openLoans(pool: pg.Pool): Borrow {
  const plannedAt = new WeakMap<pg.PoolClient, number>()
  return async (work) => {
    const client = await pool.connect().catch((cause) => {
      throw new Fault('database_unavailable', undefined, { cause })
    })
    // A checked-out client emits here when its server dies; the query that was running rejects as well.
    const ignore = () => {}
    client.on('error', ignore)
    let broken: Error | undefined
    const spoil = (error: Error) => {
      broken = error
    }
    try {
      const now = performance.now()
      if (now - (plannedAt.get(client) ?? 0) >= PLAN_MS) {
        plannedAt.set(client, now)
        await client.query('discard plans')
      }
      return await work(client, spoil)
    } catch (error) {
      if (error instanceof Error && isConnectionLoss(error)) spoil(error)
      throw error
    } finally {
      client.off('error', ignore)
      client.release(broken)
    }
  }
}

async function inTransaction<T>(
  borrow: Borrow,
  statements: Statements,
  begin: string,
  work: (tx: Db) => Promise<T>,
): Promise<T> {
  const afterwards: (() => void)[] = []
  const result = await borrow(async (client, spoil) => {
    const tx: Db = {
      ...queryable((query, name) => ask(client, query, name), statements, false),
      transaction: (inner) => inner(tx),
      snapshot: (inner) => inner(tx),
      onCommit: (then) => void afterwards.push(then),
    }
    try {
      await client.query(begin)
      const answer = await work(tx)
      await client.query('commit')
      return answer
    } catch (error) {
      // A connection whose rollback fails is in an unknown state: destroy it, keep the first error.
      await client.query('rollback').catch(spoil)
      throw error
    }
  }).catch(asFault)
  for (const then of afterwards) then()
  return result
}

function ask<T extends Row>(
  client: pg.PoolClient,
  { text, values }: Sql,
  name: string | undefined,
): Promise<pg.QueryResult<T>> {
  return client.query<T>({ text, values: [...values], ...(name === undefined ? {} : { name }) })
}

/** `mayRepeat`: a statement that did nothing, because its plan was outdated, may be sent again. */
function queryable(
  run: <T extends Row>(query: Sql, name: string | undefined) => Promise<pg.QueryResult<T>>,
  statements: Statements,
  mayRepeat: boolean,
): Queryable {
  const many = async <T extends Row>(query: Sql): Promise<T[]> => {
    const name = statements.nameOf(query.text)
    const result = await run<T>(query, name).catch((error) => {
      if (!isOutdatedPlan(error)) return asFault(error)
      statements.forget(name)
      // Nothing was done. Inside a transaction nothing more can be, and the caller begins anew.
      if (mayRepeat) return run<T>(query, undefined).catch(asFault)
      throw new Fault('database_unavailable', undefined, { cause: error })
    })
    return result.rows
  }
  return { many, one: async <T extends Row>(query: Sql) => (await many<T>(query))[0] }
}

/** Names for statements, so that each connection has each of them parsed once. */
type Statements = {
  nameOf(text: string): string | undefined
  /** Gives all statements new names, unless someone has done so since this one was given. */
  forget(name: string | undefined): void
}

function openStatements(): Statements {
  const names = new Map<string, string>()
  let generation = 0
  return {
    nameOf: (text) => {
      const known = names.get(text)
      // More than the product has. Whoever builds texts by hand must not fill the server's memory.
      if (known !== undefined || names.size >= MOST_STATEMENTS) return known
      const name = `${generation}_${names.size}`
      names.set(text, name)
      return name
    },
    forget: (name) => {
      if (name?.startsWith(`${generation}_`) !== true) return
      generation += 1
      names.clear()
    },
  }
}

/** A migration has added a column to a table whose rows a prepared statement returns whole. */
function isOutdatedPlan(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === '0A000' &&
    error.message === 'cached plan must not change result type'
  )
}

function asFault(error: unknown): never {
  throw isConnectionLoss(error)
    ? new Fault('database_unavailable', undefined, { cause: error })
    : error
}

/**
 * SQLSTATE class 57P is a server that is going down or coming up, 25P03 one that has given up a transaction in which
 * nothing happened; a socket error has no SQLSTATE at all.
 */
function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Fault) return false
  const code = 'code' in error ? String(error.code) : ''
  return (
    /^(57P0[123]|25P03|08|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/.test(code) ||
    /Connection terminated|timeout exceeded when trying to connect|not queryable|Query read timeout/.test(
      error.message,
    )
  )
}

/** The constraint that a statement broke (SQLSTATE 23505, unique), or undefined for any other error. */
export function brokenUniqueConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code === '23505' ? error.constraint : undefined
}
