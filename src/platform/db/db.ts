import pg from 'pg'
import { Fault } from '../../kernel/errors.ts'
import { isOfTheStatement, isOutdatedPlan, throwFault } from './failures.ts'
import { type Borrow, openLoans } from './loans.ts'
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
  /** A connection keeps its plans so long; two seconds when absent. */
  readonly planMs?: number
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
  // One that is lent out emits here when its server dies; the query that was running rejects as well.
  pool.on('connect', (client) => client.on('error', () => {}))
  const statements = openStatements()
  const borrow = openLoans(pool, options.planMs)
  return {
    ...queryable(alone(borrow), statements, true),
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

type Run = <T extends Row>(query: Sql, name: string | undefined) => Promise<pg.QueryResult<T>>

/** Runs each statement on a connection of its own, which is thrown away when it failed by no fault of the statement. */
function alone(borrow: Borrow): Run {
  return <T extends Row>(query: Sql, name: string | undefined) =>
    borrow((client, spoil) =>
      ask<T>(client, query, name).catch((error) => {
        if (!isOfTheStatement(error)) spoil(error)
        throw error
      }),
    )
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
  }).catch(throwFault)
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
function queryable(run: Run, statements: Statements, mayRepeat: boolean): Queryable {
  const many = async <T extends Row>(query: Sql): Promise<T[]> => {
    const name = statements.nameOf(query.text)
    const result = await run<T>(query, name).catch((error) => {
      if (!isOutdatedPlan(error)) return throwFault(error)
      statements.forget(name)
      // Nothing was done. Inside a transaction nothing more can be, and the caller begins anew.
      if (mayRepeat) return run<T>(query, undefined).catch(throwFault)
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
