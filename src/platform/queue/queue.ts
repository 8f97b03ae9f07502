/**
 * A job to be run at least once. `id` is unique among the jobs that wait or run: text without ':' that is not an
 * integer. `attempts` counts every run; the pause after the first failure is `backoffMs` and doubles with each more.
 */
export type QueueJob = {
  readonly id: string
  readonly name: string
  readonly payload: unknown
  readonly attempts: number
  readonly backoffMs: number
}

/** A job as its worker sees it. `attempt` starts at 1 and does not count runs that died with their process. */
export type RunningJob = {
  readonly id: string
  readonly name: string
  readonly payload: unknown
  readonly attempt: number
}

export type QueueCounts = {
  readonly waiting: number
  readonly active: number
  readonly delayed: number
}

export type QueueWorker = {
  /** Takes no more jobs, waits for those that run, then lets go of the connection. */
  close(): Promise<void>
}

/**
 * A hint that there is work: it may lose jobs (a flush, a disk) and may run one twice (a process that died, a lock
 * that was lost), so what a job does must be safe to do again, and somebody must look at the rows now and then.
 */
export type Queue = {
  /** Adds all jobs or throws within seconds. A job whose id is still waiting or running is dropped silently. */
  add(jobs: readonly QueueJob[]): Promise<void>
  /** Starts a worker. Throws when the server cannot be reached now; once started it outlives any lost connection. */
  work(
    run: (job: RunningJob) => Promise<void>,
    options: { readonly concurrency: number },
  ): Promise<QueueWorker>
  /** Throws unless the server answers within seconds. */
  ping(): Promise<void>
  counts(): Promise<QueueCounts>
  /** Closes the workers, waiting for running jobs, then the connections. */
  close(): Promise<void>
}

/** The part of a log that a queue writes to. */
export type QueueLog = {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
}
