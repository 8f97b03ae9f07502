import type { Hex } from '../../kernel/hex.ts'
import { decodeKaia } from './delegated.ts'
import { bytesOf, ETHEREUM_METHODS, forward } from './ethereum-methods.ts'
import { quantity } from './hex.ts'
import type { Method, Params, Parts } from './parts.ts'
import { admit } from './send.ts'
import { type Fields, kaiaReceipt, kaiaTransaction } from './shapes.ts'
import { type Call, costOfCall } from './trace.ts'
import { decodeEthereum, type Transaction } from './transaction.ts'

const LEGACY_KEY = 1
/** Contracts have a key that signs nothing. */
const FAIL_KEY = 3

/** Kaia's own methods, by what follows `kaia_` or its elder name `klay_`. */
export const KAIA_METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['chainID', ({ chainId }) => quantity(chainId)],
  ['sendRawTransaction', (parts, [raw]) => send(parts, raw)],
  ['sendRawTransactions', sendMany],
  ['getTransactionReceipt', receipt],
  ['getTransactionReceiptInCache', receipt],
  ['getTransactionReceiptBySenderTxHash', receiptBySenderTxHash],
  ['getTransactionByHash', transactionByHash],
  ['getTransactionBySenderTxHash', transactionBySenderTxHash],
  ['getAccountKey', accountKey],
  ['estimateComputationCost', estimateComputationCost],
])

/** Methods that mean the same under `kaia_` and `eth_`. */
export const SHARED_METHODS: ReadonlySet<string> = new Set([
  ...['accounts', 'blockNumber', 'call', 'chainId', 'createAccessList', 'estimateGas'],
  ...['feeHistory', 'gasPrice', 'getBalance', 'getBlockByHash', 'getBlockByNumber'],
  ...['getBlockReceipts', 'getBlockTransactionCountByHash', 'getBlockTransactionCountByNumber'],
  ...['getCode', 'getFilterChanges', 'getFilterLogs', 'getLogs', 'getProof', 'getStorageAt'],
  ...['getTransactionCount', 'maxPriorityFeePerGas', 'newBlockFilter', 'newFilter'],
  ...['newPendingTransactionFilter', 'syncing', 'uninstallFilter'],
])

function send(parts: Parts, raw: unknown): Promise<Hex> {
  return admit(parts, decodeKaia(bytesOf(raw), parts.chainId))
}

/** Many at once; each has its own outcome. */
async function sendMany(parts: Parts, [raws]: Params): Promise<readonly Hex[]> {
  const sent: Hex[] = []
  for (const raw of raws as readonly unknown[]) sent.push(await send(parts, raw))
  return sent
}

async function receipt(parts: Parts, [hash]: Params): Promise<Fields | null> {
  const { disguises, producer, upstream } = parts
  await producer.quiet()
  const hidden = disguises.hide(hash as Hex)
  const found = await upstream.ask<Fields | null>('eth_getTransactionReceipt', [hidden])
  if (found === null) return null
  const transaction = await minedTransaction(parts, hash as Hex)
  const shown = transaction && kaiaReceipt(found, transaction, disguises)
  return shown && (JSON.parse(disguises.reveal(JSON.stringify(shown))) as Fields)
}

function receiptBySenderTxHash(parts: Parts, [hash]: Params): Promise<Fields | null> {
  return receipt(parts, [parts.disguises.hashOfSenderTxHash(hash as Hex)])
}

async function transactionByHash(parts: Parts, [hash]: Params): Promise<Fields | null> {
  const waiting = parts.pool.find(hash as Hex)?.transaction
  const place = { blockHash: null, blockNumber: null, transactionIndex: null }
  if (waiting !== undefined) return { ...place, ...kaiaTransaction(waiting) }
  const mined = await receipt(parts, [hash])
  const transaction = mined && (await minedTransaction(parts, hash as Hex))
  if (!mined || !transaction) return null
  const { blockHash, blockNumber, transactionIndex } = mined
  return { blockHash, blockNumber, transactionIndex, ...kaiaTransaction(transaction) }
}

function transactionBySenderTxHash(parts: Parts, [hash]: Params): Promise<Fields | null> {
  return transactionByHash(parts, [parts.disguises.hashOfSenderTxHash(hash as Hex)])
}

async function minedTransaction(parts: Parts, hash: Hex): Promise<Transaction | null> {
  const disguise = parts.disguises.byShown(hash)
  if (disguise !== undefined) return disguise.shown
  const raw = await forward(parts, 'eth_getRawTransactionByHash', [hash])
  return raw === null ? null : decodeEthereum(bytesOf(raw))
}

/** Accounts here have the key of their address and no other. */
async function accountKey(parts: Parts, [address]: Params): Promise<Fields | null> {
  const { nonce, balance, hasCode } = await parts.accountOf(String(address).toLowerCase() as Hex)
  if (hasCode) return { keyType: FAIL_KEY, key: {} }
  return nonce === 0 && balance === 0n ? null : { keyType: LEGACY_KEY, key: {} }
}

async function estimateComputationCost(parts: Parts, [call]: Params): Promise<Hex> {
  await parts.producer.quiet()
  return quantity(await costOfCall(parts.upstream, call as Call))
}

/** The method under `eth_` that a shared one of Kaia's stands for. */
export function sharedMethod(name: string): Method {
  const method = `eth_${name}`
  return ETHEREUM_METHODS.get(method) ?? ((parts, params) => forward(parts, method, params))
}
