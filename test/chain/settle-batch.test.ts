import { hexToBigInt, keccak256, toHex } from 'viem'
import { beforeAll, expect, test } from 'vitest'
import { encodeSettleBatch } from '../../src/platform/chain/batch.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { decodeSettlementLogs } from '../../src/platform/chain/logs.ts'
import {
  call,
  FEE_RECIPIENT,
  LATER,
  newPayer,
  openTokenWorld,
  signItem,
  type TokenWorld,
} from '../support/token.ts'

let world: TokenWorld
beforeAll(async () => {
  world = await openTokenWorld()
})

const merchant = '0x00000000000000000000000000000000000e0001'
const invoice = (n: number) => toHex(n, { size: 16 })

function balanceOf(account: `0x${string}`) {
  return world.client.readContract({
    address: world.token,
    abi: krwTokenAbi,
    functionName: 'balanceOf',
    args: [account],
  })
}

test('settles what payers signed, splits the fee off and skips the rest with its reason', async () => {
  const payer = await newPayer(world, 10_000n)
  const [fees, income] = [await balanceOf(FEE_RECIPIENT), await balanceOf(merchant)]
  const terms = { merchant, validBefore: LATER } as const
  const items = await Promise.all([
    signItem(world, payer, { ...terms, amount: 4_500n, nonce: 0, invoice: invoice(1) }),
    signItem(world, payer, { ...terms, amount: 4_500n, nonce: 0, invoice: invoice(2) }),
    signItem(world, payer, { ...terms, amount: 9_999n, nonce: 1, invoice: invoice(3) }),
    signItem(world, payer, {
      ...terms,
      amount: 1n,
      nonce: 2,
      invoice: invoice(4),
      validBefore: 1_000,
    }),
    signItem(world, payer, { ...terms, amount: 1_999n, nonce: 5, invoice: invoice(5) }),
  ])
  const data = encodeSettleBatch([{ merchant, feeBasisPoints: 80, items }])
  const receipt = await call(world, world.settler, data)
  expect(receipt.status).toBe('success')
  const events = decodeSettlementLogs(world.token, receipt.logs)
  const lower = payer.address.toLowerCase()
  expect(events).toMatchObject([
    { kind: 'paid', invoice: invoice(1), payer: lower, merchant, amount: 4_500n },
    { kind: 'skipped', invoice: invoice(2), payer: lower, reason: 'replay' },
    { kind: 'skipped', invoice: invoice(3), payer: lower, reason: 'funds' },
    { kind: 'skipped', invoice: invoice(4), reason: 'expired' },
    { kind: 'paid', invoice: invoice(5), payer: lower, merchant, amount: 1_999n },
  ])
  expect(await balanceOf(FEE_RECIPIENT)).toBe(fees + 36n + 15n)
  expect(await balanceOf(merchant)).toBe(income + 4_500n + 1_999n - 51n)
  const [account] = await world.client.readContract({
    address: world.token,
    abi: krwTokenAbi,
    functionName: 'accounts',
    args: [[payer.address]],
  })
  expect(account).toEqual({ balance: 3_501n, window: 0b100001n, base: 0, frozen: false })
})

test('ignores logs of other contracts and refuses a Paid log without its Transfer', async () => {
  const payer = await newPayer(world, 100n)
  const item = await signItem(world, payer, {
    merchant,
    validBefore: LATER,
    amount: 100n,
    nonce: 0,
    invoice: invoice(9),
  })
  const data = encodeSettleBatch([{ merchant, feeBasisPoints: 0, items: [item] }])
  const { logs } = await call(world, world.settler, data)
  const forged = logs.map((log) => ({ ...log, address: merchant }) as const)
  expect(decodeSettlementLogs(world.token, forged)).toEqual([])
  expect(() => decodeSettlementLogs(world.token, logs.slice(1))).toThrow('has no Transfer')
})

test('refuses to encode what does not fit, and says which field', () => {
  const item = {
    signature: toHex(1n, { size: 64 }),
    amount: 1n,
    nonce: 0,
    validBefore: LATER,
    invoice: invoice(1),
  }
  const encode = (change: object, group: object = {}) =>
    encodeSettleBatch([{ merchant, feeBasisPoints: 0, items: [{ ...item, ...change }], ...group }])
  expect(() => encode({ amount: 0n })).toThrow('amount')
  expect(() => encode({ amount: 2n ** 64n })).toThrow('amount')
  expect(() => encode({ nonce: 2 ** 48 })).toThrow('nonce')
  expect(() => encode({ nonce: -1 })).toThrow('nonce')
  expect(() => encode({ nonce: 0.5 })).toThrow('nonce')
  expect(() => encode({ validBefore: 2 ** 32 })).toThrow('validBefore')
  expect(() => encode({ invoice: toHex(1, { size: 15 }) })).toThrow('invoice')
  expect(() => encode({ signature: toHex(1, { size: 65 }) })).toThrow('signature')
  expect(() => encode({}, { merchant: '0x01' })).toThrow('merchant')
  expect(() => encode({}, { feeBasisPoints: 1_001 })).toThrow('feeBasisPoints')
  expect(() => encode({}, { items: [] })).toThrow('items')
  expect(() => encode({}, { items: Array(65_536).fill(item) })).toThrow('items')
  expect(hexToBigInt(`0x${encode({}).slice(10, 74)}`)).toBe(32n)
  expect(keccak256(encode({}))).toBe(keccak256(encode({})))
})
