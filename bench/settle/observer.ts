import { setTimeout as sleep } from 'node:timers/promises'
import type { InvoiceId } from '../../src/kernel/ids.ts'
import type { Queryable } from '../../src/platform/db/db.ts'
import { sql } from '../../src/platform/db/sql.ts'

const LOOK_MS = 20
const LOOK_BACK_MS = 1_000
/** More than a block brings; with a limit the rows are found by their index. */
const MOST_AT_ONCE = 5_000

/** The end of a payment as the merchant's webhook row tells it, and when a reader saw that row. */
export type Ending = { readonly at: number; readonly isSettled: boolean }

/** Looks for webhook rows as they are committed. What it measures ends there. */
export type Observer = {
  /** By invoice; times are of `performance.now()`. */
  readonly endings: ReadonlyMap<InvoiceId, Ending>
  stop(): Promise<void>
}

export async function openObserver(db: Queryable): Promise<Observer> {
  const endings = new Map<InvoiceId, Ending>()
  const first = await db.one<{ position: bigint }>(
    sql`select coalesce(max(position), 0)::bigint as position from events`,
  )
  const begin = first?.position ?? 0n
  let cursor = begin
  let isStopped = false

  const look = async (after: bigint) => {
    const rows = await db.many<{ position: bigint; invoiceId: InvoiceId; type: string }>(sql`
      select e.position, p.invoice_id as "invoiceId", e.type from events e
      join webhook_deliveries d on d.event_id = e.id
      join payments p on p.id = e.aggregate_id
      where e.position > ${after} order by e.position limit ${MOST_AT_ONCE}`)
    const at = performance.now()
    for (const { position, invoiceId, type } of rows) {
      if (position > cursor) cursor = position
      if (!endings.has(invoiceId))
        endings.set(invoiceId, { at, isSettled: type === 'payment.settled' })
    }
  }
  const run = async () => {
    while (!isStopped) {
      await look(cursor)
      await sleep(LOOK_MS)
    }
    // Positions are taken before they are committed: a later one may have been seen first.
    await sleep(LOOK_BACK_MS)
    for (let after = begin; after < cursor; after += BigInt(MOST_AT_ONCE)) await look(after)
  }
  const ended = run()
  return {
    endings,
    stop: async () => {
      isStopped = true
      await ended
    },
  }
}
