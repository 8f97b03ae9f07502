import { numberToHex } from 'viem'
import type { Hex } from '../../kernel/hex.ts'
import { readMeaningOf } from './errors.ts'
import {
  decodeSettlementLogs,
  PAID_TOPIC,
  type SettlementEvent,
  SKIPPED_TOPIC,
  TRANSFER_TOPIC,
} from './logs.ts'
import type { AskHere, Nodes } from './nodes.ts'
import { NodeError, resultOf } from './rpc.ts'

type RpcLog = {
  address: Hex
  topics: Hex[]
  data: Hex
  blockNumber: Hex
  transactionHash: Hex
  logIndex: Hex
}

/** The settlement logs of a range, all of them from one node, which has its last block. */
export function readSettlements(
  nodes: Nodes,
  token: Hex,
  range: { readonly from: bigint; readonly to: bigint; readonly otherThan: number | undefined },
): Promise<{ readonly logs: readonly SettlementEvent[]; readonly node: number }> {
  const { from, to, otherThan } = range
  return nodes.work(
    'eth_getLogs',
    async (here, { place, head }) => {
      // Kaia refuses a range beyond its head; others answer with what they have, which looks like nothing.
      if (head === undefined || head < to) await assertReached(here, to)
      const logs = await readLogs(here, token, from, to)
      return { logs: decodeSettlementLogs(token, logs.map(toLog)), node: place }
    },
    otherThan,
  )
}

async function assertReached(here: AskHere, to: bigint): Promise<void> {
  const [reply] = await here([{ method: 'eth_blockNumber', params: [] }])
  if (BigInt(resultOf<Hex>(reply)) < to)
    throw new NodeError('said', `the node is behind: unknown block ${to}`)
}

/** Asks for half the blocks when a node finds a range too large or takes too long over it. */
async function readLogs(
  here: AskHere,
  token: Hex,
  from: bigint,
  to: bigint,
): Promise<readonly RpcLog[]> {
  const filter = {
    address: token,
    fromBlock: numberToHex(from),
    toBlock: numberToHex(to),
    topics: [[TRANSFER_TOPIC, PAID_TOPIC, SKIPPED_TOPIC]],
  }
  try {
    const [reply] = await here([{ method: 'eth_getLogs', params: [filter] }])
    return resultOf<RpcLog[]>(reply)
  } catch (error) {
    if (from >= to || !(error instanceof NodeError) || !isTooMuch(error)) throw error
    // Silence may be the range or the node: one that answers nothing else is not asked half as much.
    if (error.trouble === 'timeout') await assertReached(here, to)
    const middle = (from + to) / 2n
    const first = await readLogs(here, token, from, middle)
    return [...first, ...(await readLogs(here, token, middle + 1n, to))]
  }
}

function isTooMuch({ trouble, message }: NodeError): boolean {
  return trouble === 'timeout' || (trouble === 'said' && readMeaningOf(message) === 'too_much')
}

function toLog(log: RpcLog) {
  return { ...log, blockNumber: BigInt(log.blockNumber), logIndex: Number(log.logIndex) }
}
