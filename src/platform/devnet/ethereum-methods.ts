import type { Hex } from '../../kernel/hex.ts'
import { knownBlock, knownRange, onKnownBlock } from './blocks.ts'
import { noSuchMethod, RpcError } from './errors.ts'
import { amountOf, quantity } from './hex.ts'
import type { Method, Params, Parts } from './parts.ts'
import type { Entry } from './pool.ts'
import { admit } from './send.ts'
import {
  ethereumBlock,
  ethereumReceipt,
  ethereumTransaction,
  type Fields,
  revealed,
} from './shapes.ts'
import { decodeEthereum } from './transaction.ts'
import { resultOf } from './upstream.ts'
import { inKaiaWords, noMoney } from './words.ts'

const CLIENT = 'Kaia/v2.2.1/baro-devnet'

/** Asks the node behind, between two blocks, and tells its answer in Kaia's words. */
export async function forward(parts: Parts, method: string, params: Params): Promise<unknown> {
  const { upstream, producer, disguises } = parts
  await producer.quiet()
  const known = onKnownBlock(method, params, producer.head.number)
  try {
    return resultOf(disguises.reveal(await upstream.askText(method, known)))
  } catch (error) {
    throw error instanceof RpcError ? inKaiaWords(error, method, params) : error
  }
}

/** As `forward`, for an answer that is to be put in Kaia's form first. */
async function read(parts: Parts, method: string, params: Params): Promise<Fields | null> {
  await parts.producer.quiet()
  return (await parts.upstream.ask<Fields | null>(method, params)) ?? null
}

/** The methods that Kaia answers otherwise than the node behind. */
export const ETHEREUM_METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['web3_clientVersion', () => CLIENT],
  ['net_version', ({ chainId }) => String(chainId)],
  ['eth_chainId', ({ chainId }) => quantity(chainId)],
  ['eth_blockNumber', ({ producer }) => quantity(producer.head.number)],
  ['eth_syncing', () => false],
  ['eth_mining', () => false],
  ['eth_hashrate', () => '0x0'],
  ['net_networkID', ({ chainId }) => chainId],
  ['eth_gasPrice', gasPrice],
  ['eth_maxPriorityFeePerGas', ({ producer }) => quantity(producer.tip)],
  ['eth_sendRawTransaction', (parts, [raw]) => admit(parts, decodeEthereum(bytesOf(raw)))],
  ['eth_feeHistory', feeHistory],
  ['eth_fillTransaction', fillTransaction],
  ['eth_getTransactionCount', transactionCount],
  ['eth_getTransactionByHash', transactionByHash],
  ...(
    ['eth_getTransactionByBlockHashAndIndex', 'eth_getTransactionByBlockNumberAndIndex'] as const
  ).map((name) => [name, transactionAt(name)] as const),
  ['eth_getRawTransactionByHash', rawTransaction],
  ['eth_getTransactionReceipt', receiptByHash],
  ['eth_getBlockReceipts', blockReceipts],
  ['eth_getBlockByNumber', (parts, params) => blockByNumber(parts, params)],
  ['eth_getBlockByHash', blockByHash],
  ['eth_getLogs', logs],
  ['eth_estimateGas', estimateGas],
  ['debug_traceTransaction', traceTransaction],
  ['txpool_status', poolStatus],
  ['txpool_content', poolContent],
  ['eth_subscribe', needsWebSocket('eth_subscribe')],
  ['eth_unsubscribe', needsWebSocket('eth_unsubscribe')],
])

function gasPrice({ producer }: Parts): Hex {
  // A node adds a tenth, and a little more when blocks are over their target.
  const percent = producer.tip === 0n ? 110n : 115n
  return quantity((producer.baseFee * percent) / 100n + producer.tip)
}

/** The last fee is that of the next block, which the node behind reckons by another rule. */
async function feeHistory(parts: Parts, params: Params): Promise<unknown> {
  const { producer } = parts
  const found = (await forward(parts, 'eth_feeHistory', params)) as {
    readonly oldestBlock: Hex
    readonly baseFeePerGas: readonly Hex[]
  }
  const last = found.baseFeePerGas.length - 1
  if (Number(found.oldestBlock) + last !== producer.head.number + 1) return found
  return { ...found, baseFeePerGas: found.baseFeePerGas.with(last, quantity(producer.baseFee)) }
}

async function fillTransaction(parts: Parts, [wish]: Params): Promise<unknown> {
  const { baseFee, tip } = parts.producer
  const { from, nonce, gasPrice, maxFeePerGas } = (wish ?? {}) as Fields
  const fees = { maxPriorityFeePerGas: quantity(tip), maxFeePerGas: quantity(baseFee * 2n + tip) }
  const filled = {
    ...(gasPrice === undefined && maxFeePerGas === undefined ? fees : {}),
    ...(wish as Fields),
    nonce: nonce ?? (await transactionCount(parts, [from, 'pending'])),
  }
  return forward(parts, 'eth_fillTransaction', [filled])
}

async function transactionCount(parts: Parts, [address, block]: Params): Promise<unknown> {
  if (block === 'pending') {
    const nonce = parts.pool.pendingNonce(String(address).toLowerCase() as Hex)
    if (nonce !== undefined) return quantity(nonce)
    // Transactions of the node's own unlocked accounts wait there and not here.
    await parts.producer.quiet()
    return parts.upstream.ask('eth_getTransactionCount', [address, 'pending'])
  }
  return forward(parts, 'eth_getTransactionCount', [address, block ?? 'latest'])
}

async function transactionByHash(parts: Parts, [hash]: Params): Promise<Fields | null> {
  const { pool, disguises } = parts
  await parts.producer.quiet()
  const waiting = pool.find(hash as Hex)
  if (waiting !== undefined) return ethereumTransaction(waiting.transaction, {})
  const found = await read(parts, 'eth_getTransactionByHash', [disguises.hide(hash as Hex)])
  return found && revealed(found, disguises)
}

function transactionAt(method: string): Method {
  return async (parts, params) => {
    const found = await read(parts, method, params)
    return found && revealed(found, parts.disguises)
  }
}

async function rawTransaction(parts: Parts, [hash]: Params): Promise<unknown> {
  const { pool, disguises } = parts
  const own = pool.find(hash as Hex)?.transaction ?? disguises.byShown(hash as Hex)?.shown
  return own?.raw ?? forward(parts, 'eth_getRawTransactionByHash', [hash])
}

async function receiptByHash(parts: Parts, [hash]: Params): Promise<Fields | null> {
  const { disguises } = parts
  const found = await read(parts, 'eth_getTransactionReceipt', [disguises.hide(hash as Hex)])
  return found && revealLogs(ethereumReceipt(found, disguises), parts)
}

async function blockReceipts(parts: Parts, [block]: Params): Promise<unknown> {
  const known = knownBlock(block, parts.producer.head.number)
  const found = await read(parts, 'eth_getBlockReceipts', [known])
  return (found as readonly Fields[] | null)?.map((receipt) =>
    revealLogs(ethereumReceipt(receipt, parts.disguises), parts),
  )
}

function revealLogs(receipt: Fields, { disguises }: Parts): Fields {
  if (disguises.byShown(receipt.transactionHash as Hex) === undefined) return receipt
  return JSON.parse(disguises.reveal(JSON.stringify(receipt))) as Fields
}

async function blockByNumber(parts: Parts, [number, isFull]: Params): Promise<Fields | null> {
  const { head } = parts.producer
  if (typeof number === 'string' && /^0x/.test(number) && Number(number) > head.number) return null
  const isPending = number === 'pending'
  const tag = isPending ? number : knownBlock(number, head.number)
  const found = await read(parts, 'eth_getBlockByNumber', [tag, isFull ?? false])
  return found && ethereumBlock(found, parts.disguises, isPending)
}

async function blockByHash(parts: Parts, [hash, isFull]: Params): Promise<Fields | null> {
  const found = await read(parts, 'eth_getBlockByHash', [hash, isFull ?? false])
  return found && ethereumBlock(found, parts.disguises, false)
}

async function logs(parts: Parts, [filter]: Params): Promise<unknown> {
  await parts.producer.quiet()
  const known = knownRange((filter ?? {}) as Fields, parts.producer.head.number)
  return known === undefined ? [] : forward(parts, 'eth_getLogs', [known])
}

async function estimateGas(parts: Parts, params: Params): Promise<unknown> {
  const { from, value } = (params[0] ?? {}) as { from?: Hex; value?: unknown }
  // The node behind estimates for a sender who does not own what the call moves.
  if (from !== undefined && amountOf(value) > 0n) {
    const { balance } = await parts.accountOf(from.toLowerCase() as Hex)
    if (balance < amountOf(value)) throw noMoney(params[0])
  }
  return forward(parts, 'eth_estimateGas', params)
}

function traceTransaction(parts: Parts, [hash, ...options]: Params): Promise<unknown> {
  return forward(parts, 'debug_traceTransaction', [parts.disguises.hide(hash as Hex), ...options])
}

function poolStatus({ pool }: Parts): Fields {
  const { pending, queued } = pool.content()
  return { pending: quantity(pending.length), queued: quantity(queued.length) }
}

function poolContent({ pool }: Parts): Fields {
  const bySender = (entries: readonly Entry[]) => {
    const found: Record<Hex, Record<string, Fields>> = {}
    for (const { transaction } of entries) {
      const own = found[transaction.from] ?? {}
      own[String(transaction.nonce)] = ethereumTransaction(transaction, {})
      found[transaction.from] = own
    }
    return found
  }
  const { pending, queued } = pool.content()
  return { pending: bySender(pending), queued: bySender(queued) }
}

function needsWebSocket(method: string): Method {
  return () => {
    throw noSuchMethod(method)
  }
}

/** A hex string as the pool takes it. */
export function bytesOf(raw: unknown): Hex {
  if (typeof raw === 'string' && /^0x([0-9a-f]{2})*$/i.test(raw)) return raw.toLowerCase() as Hex
  throw new RpcError(-32_602, 'invalid argument 0: hex string expected')
}
