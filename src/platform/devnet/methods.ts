import { DEVELOPMENT_METHODS } from './development-methods.ts'
import { noSuchMethod } from './errors.ts'
import { ETHEREUM_METHODS, forward } from './ethereum-methods.ts'
import { KAIA_METHODS, SHARED_METHODS, sharedMethod } from './kaia-methods.ts'
import type { Params, Parts } from './parts.ts'

/** Methods that the node behind answers as Kaia does. Whatever is in no list here does not exist. */
const FORWARDED: ReadonlySet<string> = new Set([
  ...['eth_accounts', 'eth_call', 'eth_coinbase', 'eth_config', 'eth_createAccessList'],
  ...['eth_getBalance', 'eth_getCode'],
  ...['eth_getBlockTransactionCountByHash', 'eth_getBlockTransactionCountByNumber'],
  ...['eth_getFilterChanges', 'eth_getFilterLogs', 'eth_getProof', 'eth_getStorageAt'],
  ...['eth_newBlockFilter', 'eth_newFilter', 'eth_newPendingTransactionFilter'],
  ...['eth_uninstallFilter', 'eth_sendTransaction', 'eth_sign', 'eth_signTransaction'],
  ...['eth_signTypedData_v4', 'debug_traceCall', 'web3_sha3', 'net_listening', 'net_peerCount'],
])
const DEVELOPMENT = /^(anvil|evm|hardhat)_/
/** Kaia's base fee follows its rule, whatever anyone wishes. */
const RULED = /_setNextBlockBaseFeePerGas$|_setAutomine$/
const KAIA = /^(?:kaia|klay)_(.+)$/

/** Answers one question; throws RpcError for a refusal. */
export async function answer(parts: Parts, method: string, params: Params): Promise<unknown> {
  const own = ETHEREUM_METHODS.get(method) ?? DEVELOPMENT_METHODS.get(method)
  if (own !== undefined) return own(parts, params)
  const name = KAIA.exec(method)?.[1]
  if (name !== undefined) {
    const kaia =
      KAIA_METHODS.get(name) ?? (SHARED_METHODS.has(name) ? sharedMethod(name) : undefined)
    if (kaia !== undefined) return kaia(parts, params)
  }
  const isForwarded = FORWARDED.has(method) || (DEVELOPMENT.test(method) && !RULED.test(method))
  if (!isForwarded) throw noSuchMethod(method)
  return forward(parts, method, params)
}
