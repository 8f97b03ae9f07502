import { type Hex, toHex } from 'viem'
import { FEE, type Node, outcome, probeCall } from './node.ts'

const NO_HASH: Hex = `0x${'11'.repeat(32)}`
const NOBODY: Hex = `0x${'12'.repeat(20)}`

type Fields = Readonly<Record<string, Hex>>

const lengthOf = (list: unknown[]) => list.length
const keysOf = (fields: object) => Object.keys(fields).sort()

/** What readers are told: receipts, logs, blocks, calls, prices. */
export async function askAboutReading(node: Node): Promise<Record<string, unknown>> {
  const receipt = await node.spend({ to: node.probe, data: probeCall('note', [1n]), gas: 100_000n })
  const at = await node.head()
  return {
    ...(await askAboutReceipts(node, receipt)),
    ...(await askAboutLogs(node, at)),
    ...(await askAboutBlocks(node, at)),
    ...(await askAboutCalls(node)),
    ...(await askAboutMethods(node)),
    ...(await askAboutRequests(node, at)),
  }
}

async function askAboutReceipts(node: Node, receipt: Fields) {
  const kaia = await node.rpc('kaia_getTransactionReceipt', [receipt.transactionHash])
  return {
    'receipt keys': keysOf(receipt),
    'effective gas price with no tip is the base fee':
      BigInt(receipt.effectiveGasPrice ?? 0) === FEE,
    'kaia receipt keys': outcome(kaia, keysOf),
    'receipt of an unknown hash': outcome(await node.rpc('eth_getTransactionReceipt', [NO_HASH])),
  }
}

async function askAboutLogs(node: Node, at: number) {
  const { probe: address } = node
  const logs = async (range: object) =>
    outcome(await node.rpc('eth_getLogs', [{ address, ...range }]), lengthOf)
  return {
    'logs up to a block beyond the head': await logs({
      ...{ fromBlock: toHex(at - 1), toBlock: toHex(at + 50) },
    }),
    'logs from beyond the head to latest': await logs({
      ...{ fromBlock: toHex(at + 50), toBlock: 'latest' },
    }),
    'logs of an unknown block hash': outcome(
      await node.rpc('eth_getLogs', [{ blockHash: NO_HASH }]),
    ),
    'logs, from after to': await logs({ fromBlock: toHex(at), toBlock: toHex(at - 3) }),
  }
}

async function askAboutBlocks(node: Node, at: number) {
  const block = (tag: string) => node.ask<Fields>('eth_getBlockByNumber', [tag, false])
  const far = toHex(at + 100)
  const [latest, safe, finalized] = await Promise.all(['latest', 'safe', 'finalized'].map(block))
  const numbers = new Set([latest?.number, safe?.number, finalized?.number])
  return {
    'block beyond the head': outcome(await node.rpc('eth_getBlockByNumber', [far, false])),
    'balance at a block beyond the head': outcome(
      await node.rpc('eth_getBalance', [node.rich.address, far]),
    ),
    'latest, safe and finalized are one block': numbers.size === 1 || 'differ',
    'pending block has a hash': (await block('pending')).hash !== null,
    'block gas limit': Number(latest?.gasLimit),
    'extraData over eth_ is empty': latest?.extraData === '0x',
  }
}

async function askAboutCalls(node: Node) {
  const { probe: to, rich } = node
  const call = async (data: Hex) => outcome(await node.rpc('eth_call', [{ to, data }, 'latest']))
  const refused = { from: rich.address, to, data: probeCall('refuse', [7n]) }
  const poor = { from: NOBODY, to: rich.address, value: '0x1' }
  const { error } = await node.rpc('eth_estimateGas', [poor])
  return {
    'call that reverts with a custom error': await call(refused.data),
    'call that reverts with words': await call(probeCall('refuseInWords')),
    'estimate of a revert with a custom error': outcome(
      await node.rpc('eth_estimateGas', [refused]),
    ),
    'estimate without money': error?.message.replace(/\d+/g, 'N'),
  }
}

async function askAboutMethods(node: Node) {
  const keyType = async (address: Hex) =>
    outcome<{ keyType: number }>(
      await node.rpc('kaia_getAccountKey', [address, 'latest']),
      (key) => key.keyType,
    )
  return {
    'method that is not there': outcome(await node.rpc('foo_bar')),
    eth_sendRawTransactionSync: outcome(await node.rpc('eth_sendRawTransactionSync', ['0x00'])),
    eth_simulateV1: outcome(await node.rpc('eth_simulateV1', ['0x00'])),
    'gas price over base fee': Number(BigInt(await node.ask('eth_gasPrice'))) / Number(FEE),
    'priority fee when idle': outcome(await node.rpc('eth_maxPriorityFeePerGas'), Number),
    'key type of a used account': await keyType(node.rich.address),
    'key type of an unused account': await keyType((await node.fresh()).address),
  }
}

async function askAboutRequests(node: Node, at: number) {
  const question = { jsonrpc: '2.0', method: 'eth_blockNumber', params: [] }
  const batch = Array.from({ length: 200 }, (_, id) => ({ ...question, id }))
  const answers = (await (await node.post(batch)).json()) as unknown[]
  const data = `0x${'11'.repeat(300_000)}`
  const call = { jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{ data }, 'latest'] }
  const times: number[] = []
  for (let number = at - 5; number <= at; number++) {
    const block = await node.ask<Fields>('eth_getBlockByNumber', [toHex(number), false])
    times.push(Number(block.timestamp))
  }
  return {
    'JSON-RPC batch of 200': answers.length,
    'body of 600 KB, HTTP status': (await node.post(call)).status,
    'seconds between blocks': [...new Set(times.slice(1).map((t, i) => t - (times[i] ?? 0)))],
  }
}
