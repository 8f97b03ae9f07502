import { Queue as BullQueue, Worker as BullWorker } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'
import {
  ANSWER_MS,
  answered,
  type Backend,
  errorListener,
  firstAnswer,
  QUEUE_RULES,
  queueOn,
  reportFailure,
  WORKER_RULES,
} from './bull.ts'
import type { Queue, QueueLog } from './queue.ts'

const RECONNECT_MAX_MS = 2_000

type ClientOptions = Pick<
  RedisOptions,
  'enableOfflineQueue' | 'autoResendUnfulfilledCommands' | 'maxRetriesPerRequest' | 'commandTimeout'
>

type RedisQueueOptions = {
  readonly url: string
  /** Names the queue; no ':'. Queues of other names may live on the same server. */
  readonly name: string
  readonly log: QueueLog
}

/**
 * Opens a queue on Redis. Throws when no server answers or when its `maxmemory-policy` is not `noeviction`, because
 * any other policy deletes jobs without a word once memory is short.
 */
export async function openRedisQueue({ url, name, log }: RedisQueueOptions): Promise<Queue> {
  // Adding fails at once while the server is away; the caller keeps the jobs and tries again.
  const { client, end } = connect(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWER_MS,
  })
  await firstContact(client).catch((error: unknown) => {
    end()
    throw error
  })
  // Braces keep all keys of one queue on one node of a cluster.
  const prefix = `{${name}}`
  const queue = new BullQueue(name, { ...QUEUE_RULES, connection: client, prefix })
  queue.on('error', errorListener(log, 'queue failed'))
  const disconnect = async () => end()
  await firstAnswer(queue, disconnect)
  const openWorker: Backend['openWorker'] = (processor, concurrency) => {
    // A worker's commands wait for the server to come back: they end jobs that have been run.
    const own = connect(url, { maxRetriesPerRequest: null })
    const settings = { ...WORKER_RULES, connection: own.client, prefix, concurrency }
    const worker = new RedisWorker(name, processor, settings)
    worker.on('error', errorListener(log, 'queue worker failed'))
    worker.on('failed', (job, error) => reportFailure(log, job, error))
    const cut = () => {
      own.end()
      worker.stopRenewing()
    }
    return { worker, cut }
  }
  return queueOn({ queue, openWorker, ping: () => client.ping(), disconnect }, log)
}

/** Closing hangs inside BullMQ while the server is away, before it stops the timer that keeps the process alive. */
class RedisWorker extends BullWorker {
  stopRenewing(): void {
    void this.lockManager.close()
  }
}

function connect(url: string, options: ClientOptions) {
  let ended = false
  const client = new Redis(url, {
    connectTimeout: ANSWER_MS,
    // BullMQ's copy for blocking calls shares this function, so it too gives up once the connection is ended.
    retryStrategy: (times) => (ended ? null : Math.min(times * 100, RECONNECT_MAX_MS)),
    ...options,
  })
  // BullMQ passes these on to the queue or the worker, which tell the log.
  client.on('error', () => {})
  const end = () => {
    ended = true
    client.disconnect()
  }
  return { client, end }
}

async function firstContact(client: Redis): Promise<void> {
  let cause: unknown
  client.on('error', (error) => {
    cause = error
  })
  await answered('connecting', ready(client)).catch((error: Error) => {
    throw new Error(error.message, { cause })
  })
  await assertNoEviction(client)
}

async function ready(client: Redis): Promise<void> {
  await new Promise<void>((resolve) => {
    if (client.status === 'ready') resolve()
    else client.once('ready', () => resolve())
  })
}

/** INFO tells the policy on managed servers too, where CONFIG is forbidden. */
async function assertNoEviction(client: Redis): Promise<void> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await client.info('memory'))?.[1]
  if (policy !== undefined && policy !== 'noeviction') {
    throw new Error(
      `Redis has maxmemory-policy ${policy}, which deletes queued jobs when memory is short: set maxmemory-policy to noeviction`,
    )
  }
}
