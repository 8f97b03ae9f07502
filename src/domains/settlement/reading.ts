import type { SettlementEvent } from '../../platform/chain/logs.ts'

/** Every read of the logs begins this many blocks before the cursor. */
export const OVERLAP_BLOCKS = 5n
/** The most blocks of one read of the logs. */
export const READ_BLOCKS = 500n

type Place = {
  /** The last block whose logs are in the database; undefined before the first read. */
  readonly cursor: bigint | undefined
  /** The token's first block. */
  readonly birth: bigint
  readonly head: bigint
  /** Where logs are known to be missing. */
  readonly rereadFrom: bigint | undefined
}

/** Which blocks to read next. Undefined when there is nothing new, or when the node is behind what is known. */
export function planReading(
  place: Place,
): { readonly from: bigint; readonly to: bigint } | undefined {
  const { cursor, head, rereadFrom } = place
  if (rereadFrom !== undefined && rereadFrom <= head)
    return upTo(head, cursor === undefined || rereadFrom < cursor ? rereadFrom : cursor)
  if (cursor !== undefined && head <= cursor) return undefined
  const after = cursor ?? place.birth
  return upTo(head, after > OVERLAP_BLOCKS ? after - OVERLAP_BLOCKS : 0n)
}

function upTo(head: bigint, from: bigint): { readonly from: bigint; readonly to: bigint } {
  return { from, to: head - from > READ_BLOCKS ? from + READ_BLOCKS : head }
}

/** Whether one node's word is not enough for a log: it moves more than the limit, or takes a sale back. */
export function needsAgreement(log: SettlementEvent, limit: bigint | undefined): boolean {
  return limit !== undefined && (log.kind === 'skipped' || log.amount > limit)
}

/**
 * The logs that may be acted on, and up to which block: from the first log on that a second node does not show, nothing
 * is taken as read.
 */
export function agreedLogs(
  logs: readonly SettlementEvent[],
  second: readonly SettlementEvent[],
  limit: bigint | undefined,
): { readonly agreed: readonly SettlementEvent[]; readonly firstDoubt: bigint | undefined } {
  const seen = new Set(second.map(wordsOf))
  const doubtful = logs.find((log) => needsAgreement(log, limit) && !seen.has(wordsOf(log)))
  if (doubtful === undefined) return { agreed: logs, firstDoubt: undefined }
  return {
    agreed: logs.filter((log) => log.blockNumber < doubtful.blockNumber),
    firstDoubt: doubtful.blockNumber,
  }
}

/** The logs of two readings, each once, in chain order. */
export function mergeLogs(
  a: readonly SettlementEvent[],
  b: readonly SettlementEvent[],
): readonly SettlementEvent[] {
  const logs = [...new Map([...b, ...a].map((log) => [wordsOf(log), log])).values()]
  return logs.toSorted((x, y) => Number(x.blockNumber - y.blockNumber) || x.logIndex - y.logIndex)
}

function wordsOf(log: SettlementEvent): string {
  const what = log.kind === 'paid' ? `${log.merchant} ${log.amount}` : log.reason
  return `${log.txHash} ${log.logIndex} ${log.blockNumber} ${log.kind} ${log.invoice} ${log.payer} ${what}`
}
