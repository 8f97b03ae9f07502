import { setTimeout as sleep } from 'node:timers/promises'
import type {
  Queue as BullQueue,
  Worker as BullWorker,
  Job,
  Processor,
  WorkerOptions,
} from 'bullmq'
import type { Queue, QueueJob, QueueLog, QueueWorker, RunningJob } from './queue.ts'

/** How long a caller waits for the server before it is told that there is no answer. */
export const ANSWER_MS = 5_000
/** How long a worker that has no running job may take to let go of its connections. */
const LETTING_GO_MS = 2_000
const RESTART_PAUSE_MS = 1_000
const REPEAT_AFTER_MS = 10_000

/** The rules that hold on both servers. A dead worker's job is picked up after 10 to 15 s, however often that happens. */
export const WORKER_RULES = {
  autorun: false,
  lockDuration: 10_000,
  stalledInterval: 5_000,
  // A killed process is no fault of the job: it must not count against it.
  maxStalledCount: 1_000_000,
  runRetryDelay: 1_000,
} satisfies Partial<WorkerOptions>

/** Nobody reads BullMQ's event stream here, so little of it is kept. */
export const QUEUE_RULES = { streams: { events: { maxLen: 1_000 } } }

/** What differs between the two servers. */
export type Backend = {
  readonly queue: Pick<BullQueue, 'add' | 'addBulk' | 'getJobCounts' | 'close'>
  openWorker(processor: Processor, concurrency: number): OpenWorker
  ping(): Promise<unknown>
  disconnect(): Promise<unknown>
}

type OpenWorker = {
  readonly worker: Pick<BullWorker, 'run' | 'close' | 'waitUntilReady'>
  /** Cuts the connections of this worker, whatever state they are in. */
  cut(): void
}

/** The queue port on BullMQ, whatever server stands behind it. */
export function queueOn(backend: Backend, log: QueueLog): Queue {
  const workers = new Set<QueueWorker>()
  return {
    add: async (jobs) => {
      if (jobs.length === 0) return
      await answered('adding jobs', addTo(backend.queue, jobs.map(bulkEntry)))
    },
    work: async (run, { concurrency }) => {
      const worker = await startWorker(backend, log, run, concurrency)
      workers.add(worker)
      return worker
    },
    ping: async () => {
      await answered('a ping', backend.ping())
    },
    counts: async () => {
      const counts = backend.queue.getJobCounts('waiting', 'active', 'delayed')
      const { waiting = 0, active = 0, delayed = 0 } = await answered('counting jobs', counts)
      return { waiting, active, delayed }
    },
    close: async () => {
      await Promise.all([...workers].map((worker) => worker.close()))
      // A server that is gone must not keep the process from ending.
      await answered('closing', backend.queue.close()).catch(() => {})
      await answered('disconnecting', backend.disconnect()).catch(() => {})
    },
  }
}

async function addTo(
  queue: Backend['queue'],
  entries: readonly ReturnType<typeof bulkEntry>[],
): Promise<void> {
  const [one] = entries
  // On PostgreSQL many at once go through temporary tables, which is dear for one.
  if (one === undefined || entries.length > 1) await queue.addBulk([...entries])
  else await queue.add(one.name, one.data, one.opts)
}

function bulkEntry(job: QueueJob) {
  if (job.id === '' || job.id.includes(':') || /^-?\d+$/.test(job.id)) {
    throw new Error(`a job id must be text without ':' and no integer: ${JSON.stringify(job.id)}`)
  }
  return {
    name: job.name,
    data: job.payload,
    opts: {
      jobId: job.id,
      attempts: job.attempts,
      backoff: { type: 'exponential', delay: job.backoffMs },
      // Keeping a number of finished jobs deadlocks on PostgreSQL, and a kept job would block its id.
      removeOnComplete: true,
      removeOnFail: true,
    },
  }
}

async function startWorker(
  backend: Backend,
  log: QueueLog,
  run: (job: RunningJob) => Promise<void>,
  concurrency: number,
): Promise<QueueWorker> {
  const running = new Set<Promise<void>>()
  const { worker, cut } = backend.openWorker(async (job) => {
    const attempt = job.attemptsMade + 1
    const work = run({ id: job.id ?? '', name: job.name, payload: job.data, attempt })
    running.add(work)
    await work.finally(() => running.delete(work))
  }, concurrency)
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= closeWorker(worker, running).finally(cut)
    return closing
  }
  try {
    await answered('starting a worker', worker.waitUntilReady())
  } catch (error) {
    await close()
    throw error
  }
  void keepRunning(worker, log, () => closing !== undefined)
  return { close }
}

/** BullMQ's loop ends when one of its own calls throws; a worker that is not closing must not stay silent. */
async function keepRunning(
  worker: OpenWorker['worker'],
  log: QueueLog,
  isClosing: () => boolean,
): Promise<void> {
  while (!isClosing()) {
    await worker.run().catch((error: unknown) => log.warn('queue worker stopped', { err: error }))
    if (!isClosing()) await sleep(RESTART_PAUSE_MS)
  }
}

async function closeWorker(
  worker: OpenWorker['worker'],
  running: ReadonlySet<Promise<void>>,
): Promise<void> {
  const closed = worker.close()
  const workDone = Promise.allSettled([...running])
  // Without its server BullMQ may wait for ever for a connection to end.
  await Promise.race([closed, workDone.then(() => sleep(LETTING_GO_MS))])
}

/** A listener for errors that tells an unchanged one again only after a while: an outage repeats itself many times a second. */
export function errorListener(log: QueueLog, message: string): (error: Error) => void {
  let last: { readonly text: string; readonly at: number } | undefined
  return (error) => {
    const at = performance.now()
    if (last?.text === error.message && at - last.at < REPEAT_AFTER_MS) return
    last = { text: error.message, at }
    log.warn(message, { err: error })
  }
}

/** Tells of a run that threw; the job is unknown when its lock was lost meanwhile. */
export function reportFailure(log: QueueLog, job: Job | undefined, error: Error): void {
  const { id, name, attemptsMade } = job ?? {}
  log.warn('job failed', { job: id, name, attempt: attemptsMade, err: error })
}

/** BullMQ remembers a first connection that fails for ever, so a queue is handed out only after a good one. */
export async function firstAnswer(
  queue: Pick<BullQueue, 'waitUntilReady'>,
  disconnect: () => Promise<unknown>,
): Promise<void> {
  try {
    await answered('opening the queue', queue.waitUntilReady())
  } catch (error) {
    await disconnect()
    throw error
  }
}

/** What `work` gives, or an error that says what got no answer in time. */
export async function answered<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the queue server gave no answer for ${ANSWER_MS} ms: ${what}`)),
      ANSWER_MS,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
