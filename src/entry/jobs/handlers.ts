import type { Senders } from '../../flows/deliver-webhooks.ts'
import type { Deps } from '../../flows/deps.ts'
import { deliverWebhookJob, settlePaymentJob } from '../../flows/jobs.ts'
import type { Job } from '../../kernel/job.ts'
import type { RunningJob } from '../../platform/queue/queue.ts'

/** What the lanes of this process can be told. */
export type Lanes = { wake(): void }

/** A job waits no longer for an endpoint: the lanes and the other endpoints need its place. The sender goes on. */
const PATIENCE_MS = 250

type Handler = { readonly name: string; run(payload: unknown): Promise<void> }

// The payload was written by `enqueue` under the same job, so its type is the job's.
function on<Payload>(job: Job<Payload>, run: (payload: Payload) => Promise<void>): Handler {
  return { name: job.name, run: (payload) => run(payload as Payload) }
}

/** Runs any job of the system. A job of a name that is no more is dropped with a line in the log. */
export function jobRunner(
  deps: Deps,
  lanes: Lanes,
  senders: Senders,
): (job: RunningJob) => Promise<void> {
  const handlers = new Map(
    [
      on(settlePaymentJob, ({ traceparent: parent }) =>
        deps.tracer.span(settlePaymentJob.name, { kind: 'consumer', parent }, async () =>
          lanes.wake(),
        ),
      ),
      on(deliverWebhookJob, ({ endpointId }) => patiently(senders.send(endpointId))),
    ].map((handler) => [handler.name, handler]),
  )
  return async (job) => {
    const handler = handlers.get(job.name)
    if (handler === undefined) deps.log.error('a job has no handler', { job: job.name })
    else await handler.run(job.payload)
  }
}

async function patiently(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS)
  })
  await Promise.race([work, patience])
  clearTimeout(timer)
}
