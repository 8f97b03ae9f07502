import fc from 'fast-check'
import { keccak256 } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import {
  COMPUTATION_COST_LIMIT,
  canExceedLimit,
} from '../../src/platform/devnet/computation-cost.ts'
import { decodeKaia } from '../../src/platform/devnet/delegated.ts'
import { nextBaseFee } from '../../src/platform/devnet/rules.ts'
import { delegate } from './delegation.ts'
import { DOCUMENTED } from './documented.ts'
import { FEE } from './node.ts'

const HIGHEST = FEE * 30n

describe('the base fee', () => {
  it('stays within its bounds, even, and within 5 % of the block before', () => {
    const fees = fc.bigInt({ min: FEE / 2n, max: HIGHEST / 2n }).map((half) => half * 2n)
    const used = fc.bigInt({ min: 0n, max: 500_000_000n })
    fc.assert(
      fc.property(fees, used, (fee, gas) => {
        const next = nextBaseFee(fee, gas)
        expect(next % 2n).toBe(0n)
        expect(next >= FEE && next <= HIGHEST).toBe(true)
        const step = next > fee ? next - fee : fee - next
        expect(step * 20n <= fee + 20n).toBe(true)
      }),
    )
  })

  it('rises by 5 % after a block with twice the target or more, and no faster', () => {
    expect(nextBaseFee(FEE, 60_000_000n)).toBe(26_250_000_000n)
    expect(nextBaseFee(FEE, 400_000_000n)).toBe(26_250_000_000n)
  })

  it('holds at the target, and falls by 5 % after an empty block', () => {
    expect(nextBaseFee(FEE * 4n, 30_000_000n)).toBe(FEE * 4n)
    expect(nextBaseFee(FEE * 4n, 0n)).toBe(FEE * 4n - FEE / 5n)
  })
})

describe('the computation cost', () => {
  it('is out of reach for a transfer and for a single authorisation', () => {
    expect(canExceedLimit(21_000n)).toBe(false)
    expect(canExceedLimit(100_000n)).toBe(false)
  })

  it('is looked at where the dearest opcode could reach the limit', () => {
    const least = 21_000 + Math.floor(COMPUTATION_COST_LIMIT / 749) + 1
    expect(canExceedLimit(BigInt(least - 1))).toBe(false)
    expect(canExceedLimit(BigInt(least))).toBe(true)
  })
})

describe('a fee-delegated call', () => {
  const { call, sender, payer } = DOCUMENTED

  it("is signed here byte by byte as in Kaia's documents", async () => {
    const { raw, senderRaw } = await delegate(call, sender, payer, 1)
    expect(raw).toBe(DOCUMENTED.raw)
    expect(keccak256(raw)).toBe(DOCUMENTED.hash)
    expect(keccak256(senderRaw)).toBe(DOCUMENTED.senderTxHash)
  })

  it('is taken apart with both its hashes when the payer who is named has signed', async () => {
    const signer = { ...payer, address: privateKeyToAddress(payer.key) }
    const { raw } = await delegate(call, sender, signer, 1)
    expect(decodeKaia(raw, 1)).toMatchObject({
      ...{ from: sender.address, to: call.to, nonce: 1234, value: 10n, data: call.data },
      ...{ senderTxHash: DOCUMENTED.senderTxHash, hash: keccak256(raw) },
      feePayer: { address: signer.address.toLowerCase() },
    })
  })

  it('is refused as it stands in the documents, whose payer is not the one who signed', () => {
    expect(() => decodeKaia(DOCUMENTED.raw, 1)).toThrow('invalid fee payer: invalid account key')
  })
})
