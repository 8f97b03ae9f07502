import { pointFromScalar, signRecoverable } from 'tiny-secp256k1'
import { keccak256, toBytes, toHex } from 'viem'
import type { Hex } from '../../src/kernel/hex.ts'
import { newId } from '../../src/kernel/ids.ts'
import { basisPoints } from '../../src/kernel/money.ts'
import { compactSignature } from '../../src/platform/chain/typed-data.ts'
import { NEW_ACCOUNT, type TokenAccount } from './chain/token.ts'

export type Shopper = {
  readonly name: string
  readonly address: Hex
  /** Signs like a wallet: 65 bytes, r s v. */
  sign(digest: Hex): Hex
}

/** A café and its customers. */
export type Shop = {
  readonly merchant: Readonly<Record<string, unknown>>
  readonly settlementAddress: Hex
  /** Another account that may settle on the same token. */
  readonly otherSettler: Hex
  readonly shoppers: readonly Shopper[]
  readonly accounts: ReadonlyMap<Hex, TokenAccount>
  /** Who made a signature, as the contract would recover it. */
  readonly payerOf: (signature: Hex) => Hex | undefined
}

const keys: { readonly key: Uint8Array; readonly address: Hex }[] = []

function keyOf(index: number) {
  const known = keys[index]
  if (known !== undefined) return known
  const key = toBytes(keccak256(toBytes(`shopper ${index}`)))
  const point = pointFromScalar(key, false)
  if (point === null) throw new Error('no such key')
  const address: Hex = `0x${keccak256(point.subarray(1)).slice(26)}`
  keys[index] = { key, address }
  return { key, address }
}

export function openShop(count: number, won: bigint): Shop {
  const payers = new Map<Hex, Hex>()
  const shoppers = Array.from({ length: count }, (_, index): Shopper => {
    const { key, address } = keyOf(index)
    return {
      ...{ name: `shopper ${index}`, address },
      sign: (digest) => {
        const { signature, recoveryId } = signRecoverable(toBytes(digest), key)
        const whole: Hex = `${toHex(signature)}${recoveryId === 0 ? '1b' : '1c'}`
        payers.set(compactSignature(whole), address)
        return whole
      },
    }
  })
  const now = new Date(0)
  const settlementAddress: Hex = `0x${'5e'.repeat(20)}`
  return {
    shoppers,
    settlementAddress,
    otherSettler: `0xb1${'00'.repeat(18)}ff`,
    merchant: {
      id: newId('mer', now),
      name: '바로 커피',
      settlement_address: settlementAddress,
      fee_basis_points: basisPoints(80),
      created_at: now,
    },
    accounts: new Map(shoppers.map(({ address }) => [address, { ...NEW_ACCOUNT, balance: won }])),
    payerOf: (signature) => payers.get(signature),
  }
}
