import { keccak256, toHex } from 'viem'
import { encodeSettleBatch } from '../../src/platform/chain/batch.ts'
import { LATER, signItem } from '../../test/support/token.ts'
import { computationCostOf, costOf, type GasChain } from './chain.ts'

/** The dearest batch that payers can make: every one jumps beyond its window, to a merchant without an account. */
export async function settleWorst(
  chain: GasChain,
  payments: number,
): Promise<{ readonly gas: number; readonly computation: number }> {
  const groups = chain.payers.slice(0, payments).map(async (payer, at) => {
    const nonce = (chain.nonces.get(payer.address) ?? 0) + 500
    chain.nonces.set(payer.address, nonce + 1)
    const merchant = `0x${keccak256(toHex(`stranger ${at}`)).slice(26)}` as const
    const item = await signItem(chain.world, payer, {
      merchant,
      amount: 9_999n,
      nonce,
      validBefore: LATER,
      invoice: `0x${'ff'.repeat(16)}`,
    })
    return { merchant, feeBasisPoints: 300, items: [item] }
  })
  const calldata = encodeSettleBatch(await Promise.all(groups))
  const { gas, hash } = await costOf(chain.world, chain.world.settler, calldata)
  return { gas, computation: await computationCostOf(chain.world, hash) }
}
