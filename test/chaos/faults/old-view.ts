import type { ChainMemory } from './chain-memory.ts'
import type { Call, Node, Reply } from './rpc.ts'

type Fields = Readonly<Record<string, unknown>>

const TAGS = ['latest', 'safe', 'finalized', 'pending']
/** A block that nobody has yet. */
const NEVER = '0x7fffffff'

/** Answers as a node whose head is `view`: head, nonces, accounts, logs and receipts of that block, and nothing newer. */
export async function answerFrom(
  node: Node,
  memory: ChainMemory,
  view: number,
  call: Call,
): Promise<Reply> {
  const params = call.params ?? []
  const [first, second] = params
  switch (call.method) {
    case 'eth_blockNumber':
      return { result: hex(view) }
    case 'eth_getBlockByNumber':
    case 'eth_getBlockReceipts':
      return node.ask({ ...call, params: [blockIn(view, first), ...params.slice(1)] })
    case 'eth_getTransactionCount':
      return { result: memory.nonceAt(view, String(first)) ?? '0x0' }
    case 'eth_getLogs':
      return readLogs(node, view, call, first as Fields)
    case 'eth_call': {
      const data = String((first as Fields).data ?? (first as Fields).input ?? '')
      const known = memory.accountsAt(view, data)
      return known === undefined ? node.ask(call) : { result: known }
    }
    case 'eth_getTransactionReceipt':
    case 'eth_getTransactionByHash':
    case 'eth_getBlockByHash':
      return hideNewer(await node.ask(call), view)
    case 'eth_getBalance':
      return node.ask({ ...call, params: [first, isTag(second) ? 'latest' : second] })
    default:
      return node.ask(call)
  }
}

/** Kaia refuses a question about logs beyond its head. */
function readLogs(node: Node, view: number, call: Call, filter: Fields): Promise<Reply> | Reply {
  const from = isTag(filter.fromBlock) ? view : Number(filter.fromBlock)
  const to = isTag(filter.toBlock) ? view : Number(filter.toBlock)
  if (to > view)
    return {
      error: { code: -32_000, message: `the header does not exist (block number: ${to})` },
    }
  if (from > to) return { result: [] }
  return node.ask({ ...call, params: [{ ...filter, fromBlock: hex(from), toBlock: hex(to) }] })
}

function blockIn(view: number, asked: unknown): unknown {
  if (isTag(asked)) return hex(view)
  return Number(asked) > view ? NEVER : asked
}

function hideNewer(reply: Reply, view: number): Reply {
  const found = reply.result as { readonly blockNumber?: string; readonly number?: string } | null
  const number = found?.blockNumber ?? found?.number
  return typeof number === 'string' && Number(number) > view ? { result: null } : reply
}

function isTag(asked: unknown): boolean {
  return asked === undefined || asked === null || TAGS.includes(String(asked))
}

function hex(number: number): string {
  return `0x${number.toString(16)}`
}
