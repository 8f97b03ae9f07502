import { noBlock, refusal } from './errors.ts'
import { quantity } from './hex.ts'

/** Where each method that reads the state names the block of it. */
const BLOCK_AT: ReadonlyMap<string, number> = new Map([
  ...(['eth_getBalance', 'eth_getCode', 'eth_call', 'eth_estimateGas'] as const).map(atOne),
  ...(['eth_createAccessList', 'eth_feeHistory', 'debug_traceCall'] as const).map(atOne),
  ...(['eth_getStorageAt', 'eth_getProof'] as const).map((name) => [name, 2] as const),
  ['eth_getTransactionCount', 1],
])
/** One block is final as soon as it is there. */
const HEAD_TAGS = ['latest', 'safe', 'finalized', 'pending']

function atOne(name: string): readonly [string, number] {
  return [name, 1]
}

/** The same question with a block that the node behind understands. Throws for a block beyond the head. */
export function onKnownBlock(
  method: string,
  params: readonly unknown[],
  head: number,
): readonly unknown[] {
  const at = BLOCK_AT.get(method)
  if (at === undefined || params[at] === undefined) return params
  return params.with(at, knownBlock(params[at], head))
}

/** A tag or number for the node behind. */
export function knownBlock(block: unknown, head: number): unknown {
  if (typeof block !== 'string') return block
  if (HEAD_TAGS.includes(block)) return 'latest'
  const number = numberOf(block, head)
  if (number !== undefined && number > head) throw noBlock(number)
  return block
}

type LogFilter = Readonly<Record<string, unknown>>

/** A log filter for the node behind; undefined where Kaia answers with an empty list. */
export function knownRange(filter: LogFilter, head: number): LogFilter | undefined {
  if (filter.blockHash !== undefined) return filter
  const { fromBlock = 'latest', toBlock = 'latest' } = filter
  if (fromBlock === 'pending' || toBlock === 'pending')
    throw refusal('pending logs are not supported')
  const from = numberOf(fromBlock, head) ?? head
  const to = numberOf(toBlock, head) ?? head
  if (to > head) throw noBlock(to)
  if (from > to) return undefined
  return { ...filter, fromBlock: quantity(from), toBlock: quantity(to) }
}

function numberOf(block: unknown, head: number): number | undefined {
  if (block === 'earliest') return 0
  if (typeof block !== 'string') return undefined
  if (HEAD_TAGS.includes(block)) return head
  return /^0x[0-9a-f]{1,13}$/i.test(block) ? Number(block) : undefined
}
