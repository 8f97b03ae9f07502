import type { AttemptRow, BatchRow, LaneRow, LeaseRow, PaymentRow } from './rows/rows.ts'
import type { Change } from './rows/table.ts'

/** One line of what happened. */
export type Told = { readonly at: number; readonly who: string; readonly what: string }

/** Short names for long ids, in the order in which they are met. */
export type Names = (prefix: string, id: string) => string

export function openNames(): Names {
  const known = new Map<string, string>()
  const counts = new Map<string, number>()
  return (prefix, id) => {
    const before = known.get(id)
    if (before !== undefined) return before
    const count = (counts.get(prefix) ?? 0) + 1
    counts.set(prefix, count)
    const name = `${prefix} ${count}`
    known.set(id, name)
    return name
  }
}

/** What a transaction of the database did, in plain words; an empty list for what nobody needs to hear. */
export function wordsOf(changes: readonly Change[], names: Names): readonly string[] {
  return changes.flatMap(({ table, before, after }) => {
    if (table === 'payments')
      return paymentWords(before as PaymentRow | undefined, after as PaymentRow, names)
    if (table === 'batches')
      return batchWords(before as BatchRow | undefined, after as BatchRow, names)
    if (table === 'attempts') return attemptWords(after as AttemptRow, names)
    if (table === 'leases')
      return leaseWords(before as LeaseRow | undefined, after as LeaseRow, names)
    if (table === 'lanes') return laneWords(before as LaneRow | undefined, after as LaneRow, names)
    return []
  })
}

function paymentWords(before: PaymentRow | undefined, after: PaymentRow, names: Names): string[] {
  const name = names('payment', after.id)
  if (before === undefined)
    return [`accepts ${name} of ${names('invoice', after.invoice_id)}, ${after.amount} won`]
  if (before.status !== after.status) {
    const why = after.reason === null ? '' : ` (${after.reason})`
    const where = after.block_number === null ? '' : ` by block ${after.block_number}`
    return [`${name}: ${before.status} -> ${after.status}${why}${where}`]
  }
  if (before.batch_id !== null && after.batch_id === null) return [`${name} waits again`]
  return before.batch_id === after.batch_id ? [] : [`${name} rides again`]
}

function batchWords(before: BatchRow | undefined, after: BatchRow, names: Names): string[] {
  const name = names('batch', after.id)
  if (before === undefined)
    return [`writes ${name} under nonce ${after.nonce} of ${names('lane', after.lane)}`]
  return [`${name} is ${after.status}, block ${after.block_number}`]
}

function attemptWords(after: AttemptRow, names: Names): string[] {
  const fee = after.max_fee_per_gas / 1_000_000_000n
  return after.attempt === 1
    ? []
    : [`writes attempt ${after.attempt} of ${names('batch', after.batch_id)} at ${fee} gkei`]
}

function leaseWords(before: LeaseRow | undefined, after: LeaseRow, names: Names): string[] {
  if (before !== undefined && before.epoch === after.epoch) return []
  const lane = names('lane', after.name.split(':').at(-1) ?? '')
  return [`takes the lease of ${lane}, epoch ${after.epoch}`]
}

function laneWords(before: LaneRow | undefined, after: LaneRow, names: Names): string[] {
  if (before === undefined || before.next_nonce === after.next_nonce) return []
  if (after.next_nonce === before.next_nonce + 1n) return []
  return [
    `${names('lane', after.address)} counts on from ${before.next_nonce} to ${after.next_nonce}`,
  ]
}

/** A story as lines: when, who, what. */
export function linesOf(told: readonly Told[]): readonly string[] {
  return told.map(({ at, who, what }) => {
    const time = (at / 1_000).toFixed(3).padStart(8)
    return `${time} s  ${who.padEnd(12)} ${what}`
  })
}
