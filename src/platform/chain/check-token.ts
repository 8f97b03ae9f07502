import { type Hex, keccak256 } from 'viem'
import { KRW_TOKEN_CODE_HASH } from './contracts/krw-token.ts'
import { firstBlockOf } from './networks.ts'
import { NodeError, openRpc, resultOf } from './rpc.ts'

const TIMEOUT_MS = 5_000

/**
 * Throws an Error that says what is wrong unless the node is on the expected chain and the token's code runs at the
 * address. `isUnreachable` tells an error that says nothing about either.
 */
export async function checkToken(
  rpcUrl: string,
  expected: { readonly token: Hex; readonly chainId: number },
): Promise<void> {
  const rpc = openRpc(rpcUrl)
  const ask = async <Result>(method: string, params: readonly unknown[]) =>
    resultOf<Result>((await rpc.send([{ method, params }], TIMEOUT_MS))[0])
  try {
    const chainId = Number(await ask<Hex>('eth_chainId', []))
    if (chainId !== expected.chainId)
      throw new Error(`the node is on chain ${chainId}, expected ${expected.chainId}`)
    const firstBlock = firstBlockOf(chainId)
    if (firstBlock !== undefined) {
      const block = await ask<{ hash: Hex } | null>('eth_getBlockByNumber', ['0x0', false])
      if (block !== null && block.hash !== firstBlock)
        throw new Error(`the node's first block is ${block.hash}, not ${firstBlock}`)
    }
    const code = await ask<Hex>('eth_getCode', [expected.token, 'latest'])
    assertCode(code, { address: expected.token, what: 'token', hash: KRW_TOKEN_CODE_HASH })
  } finally {
    rpc.close()
  }
}

/** Whether `checkToken` failed because the node was not there, or not ready, and so learnt nothing about it. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof NodeError
}

/** Throws an Error that says what is wrong unless this is the expected code. Gives its hash. */
export function assertCode(
  code: Hex | undefined,
  expected: { readonly address: Hex; readonly what: string; readonly hash: Hex },
): Hex {
  const { address, what, hash } = expected
  if (code === undefined || code === '0x') throw new Error(`there is no ${what} at ${address}`)
  const found = keccak256(code)
  if (found !== hash)
    throw new Error(`the code at ${address} is not the expected ${what}: ${found}, not ${hash}`)
  return found
}
