import type { DeliveryKey } from '../domains/webhooks/store.ts'
import type { PaymentId } from '../kernel/ids.ts'
import { defineJob } from '../kernel/job.ts'

/** Wakes a lane: there is a payment to settle. A lost one costs a second, because lanes also look by themselves. */
export const settlePaymentJob = defineJob<{
  readonly paymentId: PaymentId
  readonly traceparent?: string | undefined
}>('settle-payment', {
  attempts: 3,
  backoffMs: 200,
})

/** Makes one attempt of a delivery. Later attempts are the rows' and the sweep's, not the queue's. */
export const deliverWebhookJob = defineJob<DeliveryKey>('deliver-webhook', {
  attempts: 3,
  backoffMs: 1_000,
})

/** Every job of the system. */
export const JOBS = [settlePaymentJob, deliverWebhookJob] as const
