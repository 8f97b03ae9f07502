import type { Hex } from '../../kernel/hex.ts'
import type { Signer } from '../../kernel/signer.ts'
import { callAndWait } from './call.ts'
import { openEvmChain, readChainId } from './evm.ts'

const GAS = 21_000n
const NO_TOKEN: Hex = `0x${'00'.repeat(20)}`

/** Fills up the accounts that hold less than half of `coins` wei (kei on Kaia). Throws when the giver cannot. For set-up. */
export async function fillUp(
  rpcUrl: string,
  giver: Signer,
  accounts: readonly Hex[],
  coins: bigint,
): Promise<void> {
  const rpcUrls = [rpcUrl]
  const chain = openEvmChain({ rpcUrls, chainId: await readChainId(rpcUrls), token: NO_TOKEN })
  try {
    const held = await Promise.all(accounts.map((account) => chain.balance(account)))
    const gifts = accounts.flatMap((to, index) => {
      const value = coins - (held[index] ?? 0n)
      return value * 2n > coins ? [{ to, data: '0x' as const, gas: GAS, value }] : []
    })
    if (gifts.length > 0) await callAndWait(chain, giver, gifts)
  } finally {
    chain.close()
  }
}
