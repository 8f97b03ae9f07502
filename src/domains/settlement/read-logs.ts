import type { Chain } from '../../platform/chain/chain.ts'
import type { SettlementEvent } from '../../platform/chain/logs.ts'
import type { Log } from '../../platform/log/log.ts'
import { agreedLogs, mergeLogs, needsAgreement } from './reading.ts'
import { LAG_BLOCKS } from './spent.ts'

type Outside = {
  readonly chain: Pick<Chain, 'settlements' | 'nodes'>
  readonly log: Log
  /** Won: what one node's word is enough for; undefined when it always is. */
  readonly agreeAbove: bigint | undefined
  /** Leaves out the logs that are in the database: two nodes need not agree about them again. */
  fresh(logs: readonly SettlementEvent[]): Promise<readonly SettlementEvent[]>
}
type Range = { readonly from: bigint; readonly to: bigint }
/** Logs, and the place of the node that shows them. */
type Shown = Awaited<ReturnType<Chain['settlements']>>

/** The logs of a range that are not in the database yet, as far as they may be acted on. */
export async function readLogs(
  outside: Outside,
  range: Range,
): Promise<{ readonly logs: readonly SettlementEvent[]; readonly readTo: bigint }> {
  const shown = await outside.chain.settlements(range.from, range.to)
  let logs: readonly SettlementEvent[] = []
  let readTo = range.to
  // Each node's word is held against another's: what one of them shows, it cannot confirm itself.
  for (const answer of [shown, ...(await earlierThanReplays(outside, range, shown))]) {
    const fresh = { logs: await outside.fresh(answer.logs), node: answer.node }
    const { agreed, firstDoubt } = await agree(outside, fresh)
    logs = mergeLogs(logs, agreed)
    if (firstDoubt !== undefined && firstDoubt <= readTo) readTo = firstDoubt - 1n
  }
  return { logs: logs.filter((log) => log.blockNumber <= readTo), readTo }
}

/** What of a node's logs counts: a large payment needs a second node that shows it too. */
async function agree(
  { chain, log, agreeAbove }: Outside,
  { logs, node }: Shown,
): Promise<ReturnType<typeof agreedLogs>> {
  const large = logs.filter((one) => needsAgreement(one, agreeAbove))
  const [first, last] = [large[0], large.at(-1)]
  if (first === undefined || last === undefined) return { agreed: logs, firstDoubt: undefined }
  const second = await chain.settlements(first.blockNumber, last.blockNumber, node).catch((err) => {
    log.warn('no second node shows a large payment yet; it waits', { err })
    return { logs: [] }
  })
  const outcome = agreedLogs(logs, second.logs, agreeAbove)
  if (outcome.firstDoubt !== undefined)
    log.error('two nodes do not agree about a log; nothing after it counts', {
      firstDoubt: outcome.firstDoubt,
    })
  return outcome
}

/**
 * Where a log says that an authorisation was used before, what the blocks before it show, by another node if there is
 * one: whoever used it left a `Paid` log, and it comes first.
 */
async function earlierThanReplays(
  { chain }: Outside,
  range: Range,
  { logs, node }: Shown,
): Promise<readonly Shown[]> {
  const replay = logs.find((log) => log.kind === 'skipped' && log.reason === 'replay')
  if (replay === undefined) return []
  const from = replay.blockNumber > LAG_BLOCKS ? replay.blockNumber - LAG_BLOCKS : 0n
  const other = chain.nodes().length > 1 ? node : undefined
  return [await chain.settlements(from, range.to, other)]
}
