import { numberToHex } from 'viem'
import { Fault } from '../../kernel/errors.ts'
import type { Hex } from '../../kernel/hex.ts'
import { openAccounts } from './accounts.ts'
import type { Block, Chain, NodeHealth } from './chain.ts'
import { openHeads } from './heads.ts'
import { keptFor } from './kept.ts'
import { type Nodes, openNodes } from './nodes.ts'
import { NodeError, type OnCall, openRpc, resultOf } from './rpc.ts'
import { readSettlements } from './settlements.ts'
import { readBirth, readRules, rehearse } from './token.ts'
import { paymentDomain } from './typed-data.ts'

const RULES_MS = 5_000
const TIMEOUT_MS = 5_000

type EvmOptions = {
  /** Nodes in order of preference: the next one is asked when one does not answer. */
  readonly rpcUrls: readonly string[]
  /** Where new blocks are announced, over WebSocket. Without it nobody hears of them by `onHead`. */
  readonly wsUrl?: string | undefined
  readonly chainId: number
  readonly token: Hex
  /** Is told of every call that a node was asked, each entry of a batch by itself. */
  readonly onCall?: OnCall | undefined
  /** Is told when a node loses its health and when it is well again. */
  readonly onHealth?: ((node: NodeHealth) => void) | undefined
}

type RpcBlock = { number: Hex; timestamp: Hex; baseFeePerGas?: Hex }
type RpcTransaction = { hash: Hex; from: Hex; nonce: Hex }

/** A chain behind JSON-RPC. No call asks for `pending` state. */
export function openEvmChain(options: EvmOptions): Chain {
  const { token, chainId } = options
  const nodes = openNodes(options)
  const announcer = openAnnouncer(options, nodes)
  return {
    chainId,
    token,
    domain: paymentDomain(chainId, token),
    birth: () => readBirth(nodes, token),
    head: () => readHead(nodes),
    block: (number) => readBlock(nodes, number),
    transactionsOf: (number, otherThan) => readTransactions(nodes, number, otherThan),
    settlements: (from, to, otherThan) => readSettlements(nodes, token, { from, to, otherThan }),
    account: openAccounts(nodes, token),
    rules: keptFor(RULES_MS, () => readRules(nodes, token)),
    rehearse: (from, data) => rehearse(nodes, token, from, data),
    nonce: (address, otherThan) => readNumber(nodes, 'eth_getTransactionCount', address, otherThan),
    balance: (address) => readNumber(nodes, 'eth_getBalance', address),
    broadcast: nodes.broadcast,
    receipt: (txHash) => readReceipt(nodes, txHash),
    onHead: announcer.listen,
    nodes: nodes.list,
    close: () => {
      announcer.close()
      nodes.close()
    },
  }
}

/** The chain id that the nodes report, for a check against the configured one. */
export async function readChainId(rpcUrls: readonly string[]): Promise<number> {
  let last: unknown
  for (const url of rpcUrls) {
    const rpc = openRpc(url)
    try {
      const [reply] = await rpc.send([{ method: 'eth_chainId', params: [] }], TIMEOUT_MS)
      return Number(resultOf<Hex>(reply))
    } catch (error) {
      last = error
    } finally {
      rpc.close()
    }
  }
  const text = last instanceof NodeError ? last.message : 'there is no node'
  throw new Fault('chain_unavailable', `eth_chainId: ${text}`, { cause: last })
}

/** A number about an account at the newest block. What is no number is the node's fault. */
function readNumber(
  nodes: Nodes,
  method: string,
  address: Hex,
  otherThan?: number,
): Promise<bigint> {
  return nodes.work(
    method,
    async (here) => {
      const [reply] = await here([{ method, params: [address, 'latest'] }])
      return BigInt(resultOf<Hex>(reply))
    },
    otherThan,
  )
}

/** Tells listeners of new blocks. The connection lives while somebody listens. */
function openAnnouncer({ wsUrl, chainId }: EvmOptions, nodes: Nodes) {
  const listeners = new Set<() => void>()
  let heads: { close(): void } | undefined
  const close = () => {
    heads?.close()
    heads = undefined
  }
  const onHead = (number: bigint) => {
    nodes.sawHead(number)
    for (const listener of [...listeners]) listener()
  }
  return {
    close: () => {
      listeners.clear()
      close()
    },
    listen: (listener: () => void) => {
      // Two that pass the same function are two.
      const own = () => listener()
      listeners.add(own)
      if (wsUrl !== undefined) heads ??= openHeads({ url: wsUrl, chainId, onHead })
      return () => {
        listeners.delete(own)
        if (listeners.size === 0) close()
      }
    },
  }
}

/** The newest block. A node that turns out to be behind is passed over where another one is well. */
function readHead(nodes: Nodes): Promise<Block> {
  return nodes.work('eth_getBlockByNumber', async (here, { place }) => {
    const [reply] = await here([{ method: 'eth_getBlockByNumber', params: ['latest', false] }])
    const block = toBlock(present(resultOf<RpcBlock | null>(reply)))
    nodes.sawHead(block.number, place)
    const isBehind = nodes.list()[place]?.isHealthy === false
    if (isBehind && nodes.list().some((node) => node.isHealthy))
      throw new NodeError('said', 'unknown block: the node is behind')
    return block
  })
}

function readBlock(nodes: Nodes, number: bigint): Promise<Block> {
  return nodes.work('eth_getBlockByNumber', async (here) => {
    const [reply] = await here([
      { method: 'eth_getBlockByNumber', params: [numberToHex(number), false] },
    ])
    return toBlock(present(resultOf<RpcBlock | null>(reply)))
  })
}

function toBlock(block: RpcBlock): Block {
  return {
    number: BigInt(block.number),
    time: new Date(Number(block.timestamp) * 1_000),
    baseFeePerGas: BigInt(block.baseFeePerGas ?? '0x0'),
  }
}

function readTransactions(nodes: Nodes, number: bigint, otherThan?: number) {
  const call = { method: 'eth_getBlockByNumber', params: [numberToHex(number), true] }
  return nodes.work(
    call.method,
    async (here) => {
      const [reply] = await here([call])
      const { transactions } = present(resultOf<{ transactions: RpcTransaction[] } | null>(reply))
      return transactions.map(({ hash, from, nonce }) => ({
        txHash: hash,
        from: from.toLowerCase() as Hex,
        nonce: BigInt(nonce),
      }))
    },
    otherThan,
  )
}

async function readReceipt(nodes: Nodes, txHash: Hex) {
  const receipt = await nodes.ask<{ status: Hex; blockNumber: Hex } | null>(
    'eth_getTransactionReceipt',
    [txHash],
  )
  if (receipt === null) return undefined
  return { succeeded: receipt.status === '0x1', blockNumber: BigInt(receipt.blockNumber) }
}

/** A node answers `null` for a block that it does not have yet; another one may have it. */
function present<Found>(block: Found | null): Found {
  if (block === null) throw new NodeError('said', 'unknown block: the node does not have it yet')
  return block
}
