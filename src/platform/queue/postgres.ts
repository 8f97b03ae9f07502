import {
  Queue as BullQueue,
  Worker as BullWorker,
  createPostgresBackend,
  type PgPool,
  type PgPoolClient,
  runMigrations,
} from 'bullmq'
import pg from 'pg'
import {
  ANSWER_MS,
  type Backend,
  errorListener,
  firstAnswer,
  QUEUE_RULES,
  queueOn,
  reportFailure,
  WORKER_RULES,
} from './bull.ts'
import type { Queue, QueueLog } from './queue.ts'

const SCHEMA = 'bullmq'

type PostgresQueueOptions = {
  readonly url: string
  readonly name: string
  readonly log: QueueLog
  /** Each worker holds one for itself, to listen. */
  readonly maxConnections: number
}

/**
 * Opens a queue on PostgreSQL, in a schema of its own that is created and migrated here; several processes may do so
 * at once. Throws when no server answers or when the schema belongs to a newer major version.
 */
export async function openPostgresQueue(options: PostgresQueueOptions): Promise<Queue> {
  const { url, name, log, maxConnections } = options
  await migrate(url)
  const pool = new pg.Pool({
    connectionString: url,
    max: Math.max(maxConnections, 3),
    options: `-c search_path=${SCHEMA}`,
    application_name: `queue ${name}`,
    keepAlive: true,
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: 2 * ANSWER_MS,
  })
  pool.on('error', errorListener(log, 'queue connection failed'))
  // A client that is checked out has no listener of the pool.
  pool.on('connect', (client) => client.on('error', () => {}))
  const connection = patient(pool)
  const queue = new BullQueue(name, { ...QUEUE_RULES, connection }, createPostgresBackend)
  queue.on('error', errorListener(log, 'queue failed'))
  await firstAnswer(queue, () => pool.end())
  const openWorker: Backend['openWorker'] = (processor, concurrency) => {
    const settings = { ...WORKER_RULES, connection, concurrency }
    const worker = new BullWorker(name, processor, settings, createPostgresBackend)
    worker.on('error', errorListener(log, 'queue worker failed'))
    worker.on('failed', (job, error) => reportFailure(log, job, error))
    return { worker, cut: () => {} }
  }
  const ping = () => pool.query('select 1')
  return queueOn({ queue, openWorker, ping, disconnect: () => pool.end() }, log)
}

/** BullMQ takes an advisory lock for the transaction, so that of many processes one migrates and the rest wait. */
async function migrate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: ANSWER_MS })
  client.on('error', () => {})
  await client.connect()
  try {
    await runMigrations(client, SCHEMA)
  } finally {
    await client.end()
  }
}

/**
 * The pool as BullMQ gets it. It repeats a call after ECONNREFUSED and takes every other error for a fault of the job,
 * so a job whose end meets a restarting server would run again: here every lost connection looks like the first.
 */
function patient(pool: pg.Pool): PgPool {
  const repeat = (error: unknown): never => {
    throw isConnectionLoss(error)
      ? Object.assign(new Error('no connection to PostgreSQL', { cause: error }), {
          code: 'ECONNREFUSED',
        })
      : error
  }
  const facade: PgPool & Pick<pg.Pool, 'options'> = {
    options: pool.options,
    query: (text: string, values?: readonly unknown[]) =>
      pool.query(text, values as unknown[] | undefined).catch(repeat),
    connect: async () => (await pool.connect().catch(repeat)) as PgPoolClient,
    end: () => pool.end(),
    // BullMQ listens for idle errors only, which the pool's own listener has told already.
    on: () => facade,
    removeAllListeners: () => facade,
  }
  return facade
}

/** SQLSTATE 57P01 to 57P03 is a server that goes down or comes up, class 08 a broken connection. */
function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return (
    /^(57P0[123]|08|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)/.test(code) ||
    /Connection terminated|timeout exceeded when trying to connect|Query read timeout|not queryable/.test(
      error.message,
    )
  )
}
