import type { Deps } from '../../flows/deps.ts'
import { JOBS } from '../../flows/jobs.ts'
import {
  claimOutbox,
  forgetOutbox,
  type OutboxRow,
  releaseOutbox,
} from '../../platform/db/outbox.ts'
import type { Queue, QueueJob } from '../../platform/queue/queue.ts'
import { type Loop, startLoop } from './loop.ts'

const MAX_AT_ONCE = 200

/**
 * Hands recorded jobs to the queue: claims rows in a short transaction, adds them, forgets them in another. A relay
 * that dies in between leaves rows that the next one takes again. Returns how many rows it handed over.
 */
export async function relayOutbox(deps: Pick<Deps, 'db'>, queue: Queue): Promise<number> {
  const rows = await claimOutbox(deps.db, MAX_AT_ONCE)
  if (rows.length === 0) return 0
  const jobs = queueJobs(rows)
  try {
    await queue.add(jobs)
  } catch (error) {
    await releaseOutbox(deps.db, rows)
    throw error
  }
  await forgetOutbox(deps.db, rows)
  return rows.length
}

/** One job for all rows that wish the same: a queue costs more than a row, and to be told once is enough. */
function queueJobs(rows: readonly OutboxRow[]): QueueJob[] {
  const wishes = new Map(rows.map((row) => [`${row.job} ${JSON.stringify(row.payload)}`, row]))
  return [...wishes.values()].map((row) => {
    const job = JOBS.find((one) => one.name === row.job)
    return {
      // A queue drops a second job of one id only while it has the first, so the sweep is part of the id.
      id: `${row.job}-${row.id}-${row.sweep}`,
      name: row.job,
      payload: row.payload,
      attempts: job?.attempts ?? 1,
      backoffMs: job?.backoffMs ?? 1_000,
    }
  })
}

/** An idle relay looks this often: what it adds to the way of a sale is half of it. */
const IDLE_MS = 40

export function startRelay(deps: Pick<Deps, 'db' | 'log' | 'rounds'>, queue: Queue): Loop {
  return startLoop(deps, 'relay', async () =>
    (await relayOutbox(deps, queue)) === MAX_AT_ONCE ? 0 : IDLE_MS,
  )
}
