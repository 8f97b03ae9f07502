import { deliverWebhooks } from '../../flows/deliver-webhooks.ts'
import type { Deps } from '../../flows/deps.ts'
import { deliverWebhookJob, settlePaymentJob } from '../../flows/jobs.ts'
import type { Job } from '../../kernel/job.ts'
import type { RunningJob } from '../../platform/queue/queue.ts'

/** What the lanes of this process can be told. */
export type Lanes = { wake(): void }

type Handler = { readonly name: string; run(payload: unknown): Promise<void> }

// The payload was written by `enqueue` under the same job, so its type is the job's.
function on<Payload>(job: Job<Payload>, run: (payload: Payload) => Promise<void>): Handler {
  return { name: job.name, run: (payload) => run(payload as Payload) }
}

/** Runs any job of the system. A job of a name that is no more is dropped with a line in the log. */
export function jobRunner(deps: Deps, lanes: Lanes): (job: RunningJob) => Promise<void> {
  const handlers = new Map(
    [
      on(settlePaymentJob, ({ traceparent: parent }) =>
        deps.tracer.span(settlePaymentJob.name, { kind: 'consumer', parent }, async () =>
          lanes.wake(),
        ),
      ),
      on(deliverWebhookJob, ({ endpointId }) => deliverWebhooks(deps, endpointId)),
    ].map((handler) => [handler.name, handler]),
  )
  return async (job) => {
    const handler = handlers.get(job.name)
    if (handler === undefined) deps.log.error('a job has no handler', { job: job.name })
    else await handler.run(job.payload)
  }
}
