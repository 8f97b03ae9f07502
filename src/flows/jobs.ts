import type { Destination } from '../domains/webhooks/store.ts'
import { defineJob } from '../kernel/job.ts'

/**
 * Wakes the lanes: there is a payment to settle. A lost one costs a second, because lanes also look by themselves. Of
 * many that came together one is enough.
 */
export const settlePaymentJob = defineJob<{ readonly traceparent?: string | undefined }>(
  'settle-payment',
  {
    attempts: 3,
    backoffMs: 200,
  },
)

/** Sends what is due to an endpoint. Later attempts are the rows' and the sweep's, not the queue's. */
export const deliverWebhookJob = defineJob<Destination>('deliver-webhook', {
  attempts: 3,
  backoffMs: 1_000,
})

/** Every job of the system. */
export const JOBS = [settlePaymentJob, deliverWebhookJob] as const
