import { setTimeout as sleep } from 'node:timers/promises'
import type { InvoiceId } from '../../src/kernel/ids.ts'
import type { Client } from '../stack/client.ts'
import type { Observer } from './observer.ts'
import type { SignedPayment } from './payments.ts'

/** A confirmation: when it was due, when its answer came, and what that said. */
export type Confirmed = {
  readonly invoiceId: InvoiceId
  readonly dueAt: number
  readonly answeredAt: number
  readonly status: number
}

const DRAIN_MS = 30_000
const DRAIN_LOOK_MS = 50
const ROOM_LOOK_MS = 5

/** As many confirmations as the gateway takes, while no more than `window` payments are confirmed and not yet ended. */
export async function pushPayments(
  client: Client,
  observer: Observer,
  payments: readonly SignedPayment[],
  limits: {
    readonly milliseconds: number
    readonly atOnce: number
    readonly window: number
    onAnswer?(payment: SignedPayment, status: number): void
  },
): Promise<Confirmed[]> {
  const confirmed: Confirmed[] = []
  const end = performance.now() + limits.milliseconds
  const endedBefore = observer.endings.size
  let next = 0
  let accepted = 0
  const hasRoom = () => accepted - (observer.endings.size - endedBefore) < limits.window
  const pusher = async () => {
    for (;;) {
      while (!hasRoom() && performance.now() < end) await sleep(ROOM_LOOK_MS)
      const payment = payments[next]
      if (payment === undefined || performance.now() >= end) return
      next += 1
      const one = await confirm(client, payment, performance.now())
      confirmed.push(one)
      if (one.status === 202) accepted += 1
      limits.onAnswer?.(payment, one.status)
    }
  }
  await Promise.all(Array.from({ length: limits.atOnce }, pusher))
  return confirmed
}

/** Confirmations at a steady rate, whatever becomes of the earlier ones; each is measured from when it was due. */
export async function pacePayments(
  client: Client,
  payments: readonly SignedPayment[],
  ratePerSecond: number,
): Promise<Confirmed[]> {
  const begin = performance.now()
  const pending: Promise<Confirmed>[] = []
  for (const [at, payment] of payments.entries()) {
    const dueAt = begin + (at * 1_000) / ratePerSecond
    const wait = dueAt - performance.now()
    if (wait > 0) await sleep(wait)
    pending.push(confirm(client, payment, dueAt))
  }
  return Promise.all(pending)
}

async function confirm(client: Client, payment: SignedPayment, dueAt: number): Promise<Confirmed> {
  const { status } = await client.send(payment.request)
  return { invoiceId: payment.invoiceId, dueAt, answeredAt: performance.now(), status }
}

/** Waits until everything accepted has ended, as long as it goes on. */
export async function drain(observer: Observer, confirmed: readonly Confirmed[]): Promise<void> {
  const accepted = confirmed.filter(({ status }) => status === 202)
  const missing = () => accepted.filter(({ invoiceId }) => !observer.endings.has(invoiceId)).length
  const end = performance.now() + DRAIN_MS
  while (missing() > 0 && performance.now() < end) await sleep(DRAIN_LOOK_MS)
}
