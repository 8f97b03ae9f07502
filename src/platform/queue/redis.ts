import { Queue as BullQueue, Worker as BullWorker } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'
import {
  ANSWER_MS,
  answered,
  type Backend,
  firstAnswer,
  QUEUE_RULES,
  queueOn,
  WORKER_RULES,
} from './bull.ts'
import type { Queue, QueueLog } from './queue.ts'

const RECONNECT_MAX_MS = 2_000
const RECONNECTING = {
  connectTimeout: ANSWER_MS,
  retryStrategy: (times: number) => Math.min(times * 100, RECONNECT_MAX_MS),
}

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
  const connect = (options: ClientOptions): Redis => {
    const redis = new Redis(url, { ...RECONNECTING, ...options })
    redis.on('error', (error) => log.warn('redis connection failed', { err: error }))
    return redis
  }
  // Adding fails at once while the server is away; the caller keeps the jobs and tries again.
  const client = connect({
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWER_MS,
  })
  try {
    await answered('connecting', ready(client))
    await assertNoEviction(client)
  } catch (error) {
    client.disconnect()
    throw error
  }
  // Braces keep all keys of one queue on one node of a cluster.
  const prefix = `{${name}}`
  const queue = new BullQueue(name, { ...QUEUE_RULES, connection: client, prefix })
  queue.on('error', (error) => log.warn('queue failed', { err: error }))
  await firstAnswer(queue, async () => client.disconnect())
  const openWorker: Backend['openWorker'] = (processor, concurrency) => {
    // A worker's commands wait for the server to come back: they end jobs that have been run.
    const connection = connect({ maxRetriesPerRequest: null })
    const worker = new BullWorker(name, processor, {
      ...WORKER_RULES,
      connection,
      prefix,
      concurrency,
    })
    worker.on('error', (error) => log.warn('queue worker failed', { err: error }))
    worker.on('failed', (job, error) =>
      log.warn('job failed', {
        job: job?.id,
        name: job?.name,
        attempt: job?.attemptsMade,
        err: error,
      }),
    )
    return { worker, cut: () => connection.disconnect() }
  }
  const disconnect = async () => client.disconnect()
  return queueOn({ queue, openWorker, ping: () => client.ping(), disconnect }, log)
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
