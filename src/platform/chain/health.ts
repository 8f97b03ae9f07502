import type { NodeHealth } from './chain.ts'

/** What is known of one node. Times are milliseconds of a clock that only goes forward. */
export type NodeRecord = {
  readonly place: number
  /** `new`: never asked. `well`. `resting`: left alone after a failure. `stranger`: a node of another chain. */
  readonly state: 'new' | 'well' | 'resting' | 'stranger'
  /** Until when it asked to be left alone; it is not asked before, whoever else is there. */
  readonly limitedUntil: number
  readonly restsUntil: number
  /** Failures in a row. */
  readonly failures: number
  /** When its chain was last made sure of; undefined when that must come before the next question. */
  readonly provenAt: number | undefined
  readonly head: bigint | undefined
  readonly headAt: number | undefined
  readonly lastError: string | undefined
}

export type Look = { readonly place: number; readonly kind: 'chain' | 'head'; readonly at: number }

const FIRST_REST_MS = 500
const LONGEST_REST_MS = 30_000
const LONGEST_LIMIT_MS = 60_000
const PROOF_MS = 60_000
const HEAD_LOOK_MS = 3_000
/** A head that was seen longer ago than this says nothing about who is behind now. */
const HEAD_COUNTS_MS = 10_000
const BLOCKS_BEHIND = 2n

export function newRecord(place: number): NodeRecord {
  return {
    place,
    state: 'new',
    limitedUntil: 0,
    restsUntil: 0,
    failures: 0,
    provenAt: undefined,
    head: undefined,
    headAt: undefined,
    lastError: undefined,
  }
}

/** After a look at its chain. A node of another chain is never asked, only looked at again. */
export function afterProof(record: NodeRecord, now: number, otherChain?: string): NodeRecord {
  if (otherChain !== undefined)
    return { ...record, state: 'stranger', provenAt: now, lastError: otherChain }
  return { ...record, state: 'well', provenAt: now }
}

/** After an answer: the next failure is a first one again. */
export function afterAnswer(record: NodeRecord): NodeRecord {
  return record.failures === 0 ? record : { ...record, failures: 0 }
}

/** After a failure: twice as long a rest as the last time. What comes while it rests anyway counts once. */
export function afterFailure(record: NodeRecord, now: number, text: string): NodeRecord {
  const lost = { provenAt: undefined, head: undefined, headAt: undefined }
  if (record.state === 'stranger') return { ...record, lastError: text }
  if (record.state === 'resting' && now < record.restsUntil)
    return { ...record, ...lost, lastError: text }
  const rest = Math.min(FIRST_REST_MS * 2 ** record.failures, LONGEST_REST_MS)
  return {
    ...record,
    ...lost,
    state: 'resting',
    restsUntil: now + rest,
    failures: record.failures + 1,
    lastError: text,
  }
}

/** After "too many calls": it is left alone for as long as it says, or for a growing pause. */
export function afterLimit(
  record: NodeRecord,
  now: number,
  text: string,
  retryAfterMs?: number,
): NodeRecord {
  if (now < record.limitedUntil) return { ...record, lastError: text }
  const growing = Math.min(FIRST_REST_MS * 2 ** record.failures, LONGEST_REST_MS)
  const pause = Math.min(retryAfterMs ?? growing, LONGEST_LIMIT_MS)
  return {
    ...record,
    limitedUntil: now + pause,
    failures: record.failures + 1,
    lastError: text,
  }
}

/** After it showed a head; `best` is the highest that anyone showed lately. */
export function afterHead(
  record: NodeRecord,
  now: number,
  head: bigint,
  best: bigint | undefined,
): NodeRecord {
  const seen = { ...record, head, headAt: now }
  if (best === undefined || best - head <= BLOCKS_BEHIND) return seen
  const late = afterFailure(record, now, `${best - head} blocks behind`)
  return { ...late, head, headAt: now, provenAt: record.provenAt }
}

/** The highest head that any of them showed lately: what another node showed before is a floor for this one now. */
export function bestHead(records: readonly NodeRecord[], now: number): bigint | undefined {
  let best: bigint | undefined
  for (const { head, headAt } of records)
    if (head !== undefined && headAt !== undefined && now - headAt <= HEAD_COUNTS_MS)
      if (best === undefined || head > best) best = head
  return best
}

/**
 * Which nodes to ask, in this order: the well ones as configured, then, because something may have come back, the
 * resting ones. Never one of another chain, nor one that asked to be left alone.
 */
export function askingOrder(
  records: readonly NodeRecord[],
  now: number,
  otherThan?: number,
): readonly NodeRecord[] {
  const asked = records.filter(
    ({ place, state, limitedUntil }) =>
      place !== otherThan && state !== 'stranger' && now >= limitedUntil,
  )
  const isResting = ({ state }: NodeRecord) => state === 'resting'
  return [...asked.filter((one) => !isResting(one)), ...asked.filter(isResting)]
}

/** The looks that are to be taken at nodes without being asked, and when. Heads matter only where they are compared. */
export function looksAhead(records: readonly NodeRecord[], isInUse: boolean): readonly Look[] {
  return records.map((record) => {
    const { place, state, restsUntil, limitedUntil, provenAt = 0, headAt = 0 } = record
    const chain = { place, kind: 'chain' as const }
    if (state === 'new') return { ...chain, at: 0 }
    if (state === 'resting') return { ...chain, at: Math.max(restsUntil, limitedUntil) }
    const proof = { ...chain, at: Math.max(provenAt + PROOF_MS, limitedUntil) }
    if (state === 'stranger' || !isInUse || records.length === 1) return proof
    const head = Math.max(headAt + HEAD_LOOK_MS, limitedUntil)
    return head < proof.at ? { place, kind: 'head', at: head } : proof
  })
}

/** What others may see of a node. */
export function healthOf(record: NodeRecord, now: number): NodeHealth {
  const { place, head, lastError, state, limitedUntil } = record
  const isHealthy = (state === 'new' || state === 'well') && now >= limitedUntil
  return { place, isHealthy, head, lastError }
}
