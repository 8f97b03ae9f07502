import { RpcError, refusal } from './errors.ts'

const REVERT_CODE = 3
const REVERT_WORDS = '0x08c379a0'
const MOST_GAS = 500_000_000

/** Turns an error of the node behind into Kaia's code and words for the same thing. */
export function inKaiaWords(error: RpcError, method: string, params: readonly unknown[]): RpcError {
  const { code, message, data } = error
  if (code === -32_601)
    return new RpcError(code, `the method ${method} does not exist/is not available`)
  if (code === REVERT_CODE) return new RpcError(code, revertText(message, data), data)
  if (/insufficient funds/i.test(message)) return noMoney(params[0])
  if (/unknown block|block not found/i.test(message)) {
    const { blockHash } = (params[0] ?? {}) as { blockHash?: string }
    return refusal(`the header does not exist (hash: ${blockHash ?? ''})`)
  }
  if (/resource not found/i.test(message)) return refusal('header for hash not found')
  const range = /BlockOutOfRangeError.*requested was (\d+)/.exec(message)
  // An older block, whose state was pruned.
  if (range !== null) return refusal(`missing trie node of block ${range[1]}`)
  return error
}

/** A call that moves more than its sender owns. */
export function noMoney(call: unknown): RpcError {
  const { gas } = (call ?? {}) as { gas?: string }
  const supplied = gas === undefined ? MOST_GAS : Number(gas)
  return refusal(`err: insufficient balance for transfer (supplied gas ${supplied})`)
}

/** Only words of `revert("words")` are told; a custom error is in the data. */
function revertText(message: string, data: string | undefined): string {
  return data?.startsWith(REVERT_WORDS) ? message : 'execution reverted'
}
