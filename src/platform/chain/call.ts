import { encodeFunctionData } from 'viem'
import type { Hex } from '../../kernel/hex.ts'
import type { Signer } from '../../kernel/signer.ts'
import type { Chain } from './chain.ts'
import { krwTokenAbi } from './contracts/krw-token.ts'
import { signTransaction } from './transaction.ts'

const POLL_MS = 50
const LIMIT_MS = 60_000

type Call = {
  readonly to: Hex
  readonly data: Hex
  readonly gas: bigint
  /** Wei (kei on Kaia) that go along. */
  readonly value?: bigint
}

/** Sends calls of one account in order and waits for their blocks. Throws when one fails. For set-up, not for sales. */
export async function callAndWait(
  chain: Chain,
  signer: Signer,
  calls: readonly Call[],
): Promise<void> {
  const first = await chain.nonce(signer.address)
  const { baseFeePerGas } = await chain.head()
  const hashes: Hex[] = []
  for (const [index, call] of calls.entries()) {
    const { raw, txHash } = await signTransaction(signer, {
      ...call,
      chainId: chain.chainId,
      nonce: first + BigInt(index),
      maxFeePerGas: 2n * baseFeePerGas + 1_000_000_000n,
    })
    const { answer, text } = await chain.broadcast(raw)
    if (answer !== 'accepted' && answer !== 'look')
      throw new Error(`The node did not take a call (${answer}): ${text}`)
    hashes.push(txHash)
  }
  for (const hash of hashes) await waitForSuccess(chain, hash)
}

async function waitForSuccess(chain: Chain, hash: Hex): Promise<void> {
  const end = performance.now() + LIMIT_MS
  for (;;) {
    const receipt = await chain.receipt(hash)
    if (receipt?.succeeded === true) return
    if (receipt?.succeeded === false) throw new Error(`Transaction ${hash} failed on chain`)
    if (performance.now() > end)
      throw new Error(`Transaction ${hash} is in no block after a minute`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** The call that makes new tokens. Only a minter may send it, within its allowance and daily limit. */
export function mintCall(token: Hex, to: Hex, amount: bigint): Call {
  const data = encodeFunctionData({ abi: krwTokenAbi, functionName: 'mint', args: [to, amount] })
  return { to: token, data, gas: 150_000n }
}
