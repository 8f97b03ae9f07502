import { encodeFunctionData, hashTypedData, toHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { beforeAll, expect, test } from 'vitest'
import { encodeSettleBatch } from '../../src/platform/chain/batch.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { decodeRefundLogs } from '../../src/platform/chain/logs.ts'
import {
  encodeRefundBatch,
  paymentId,
  REGISTER_REFUND_KEY_TYPES,
  type RefundTerms,
  refundDigest,
  refundTypedData,
} from '../../src/platform/chain/refund.ts'
import {
  compactSignature,
  paymentStructHash,
  TOKEN_NAME,
  TOKEN_VERSION,
} from '../../src/platform/chain/typed-data.ts'
import {
  call,
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

const merchant = privateKeyToAccount(generatePrivateKey())
const refundKey = privateKeyToAccount(generatePrivateKey())
const invoice = toHex(7, { size: 16 })

/** Registers the merchant's refund key by signature, so that the merchant needs no coin for gas. */
async function registerKey() {
  const message = {
    merchant: merchant.address,
    key: refundKey.address,
    dailyLimit: 10_000,
    nonce: 0n,
    deadline: BigInt(LATER),
  }
  const signature = await merchant.signTypedData({
    domain: {
      name: TOKEN_NAME,
      version: TOKEN_VERSION,
      chainId: world.domain.chainId,
      verifyingContract: world.token,
    },
    types: REGISTER_REFUND_KEY_TYPES,
    primaryType: 'RegisterRefundKey',
    message,
  })
  const { merchant: of, key, dailyLimit, deadline } = message
  const args = [
    of,
    key,
    dailyLimit,
    deadline,
    Number.parseInt(signature.slice(130), 16),
    `0x${signature.slice(2, 66)}`,
    `0x${signature.slice(66, 130)}`,
  ] as const
  const data = encodeFunctionData({ abi: krwTokenAbi, functionName: 'registerRefundKey', args })
  expect((await call(world, world.settler, data)).status).toBe('success')
}

test('sends part of a payment back to its payer, once', async () => {
  await registerKey()
  const payer = await newPayer(world, 5_000n)
  const terms = {
    merchant: merchant.address,
    amount: 5_000n,
    nonce: 0,
    validBefore: LATER,
    invoice,
  }
  const payment = await signItem(world, payer, terms)
  const settle = encodeSettleBatch([
    { merchant: merchant.address, feeBasisPoints: 0, items: [payment] },
  ])
  await call(world, world.settler, settle)
  const refund: RefundTerms = {
    payment: paymentId(paymentStructHash(terms), payer.address),
    amount: 1_200n,
    refundedBefore: 0n,
    validBefore: LATER,
  }
  const signature = compactSignature(
    await refundKey.sign({ hash: refundDigest(world.domain, refund) }),
  )
  const { amount, refundedBefore, validBefore } = refund
  const data = encodeRefundBatch([
    {
      merchant: merchant.address,
      items: [{ payment, signature, amount, refundedBefore, validBefore }],
    },
  ])
  const place = { invoice, payer: payer.address.toLowerCase() }
  const first = await call(world, world.settler, data)
  expect(decodeRefundLogs(world.token, first.logs)).toMatchObject([
    {
      kind: 'refunded',
      ...place,
      merchant: merchant.address.toLowerCase(),
      amount: 1_200n,
      refunded: 1_200n,
    },
  ])
  const second = await call(world, world.settler, data)
  expect(decodeRefundLogs(world.token, second.logs)).toMatchObject([
    { kind: 'refund_skipped', ...place, reason: 'replay' },
  ])
})

test('hashes a refund exactly as viem does', () => {
  const terms = {
    payment: toHex(5n, { size: 32 }),
    amount: 2n ** 64n - 1n,
    refundedBefore: 3n,
    validBefore: LATER,
  }
  expect(refundDigest(world.domain, terms)).toBe(
    hashTypedData(refundTypedData(world.domain, terms)),
  )
})

test('refuses to encode a refund that does not fit', () => {
  const payment = {
    signature: toHex(1n, { size: 64 }),
    amount: 1n,
    nonce: 0,
    validBefore: LATER,
    invoice,
  }
  const item = {
    payment,
    signature: toHex(1n, { size: 64 }),
    amount: 1n,
    refundedBefore: 0n,
    validBefore: LATER,
  }
  const encode = (change: object) =>
    encodeRefundBatch([{ merchant: merchant.address, items: [{ ...item, ...change }] }])
  expect(() => encode({ amount: 0n })).toThrow('amount')
  expect(() => encode({ refundedBefore: 2n ** 64n })).toThrow('refundedBefore')
  expect(() => encode({ validBefore: -1 })).toThrow('validBefore')
  expect(() => encode({ signature: '0x' })).toThrow('signature')
  expect(() => encodeRefundBatch([{ merchant: merchant.address, items: [] }])).toThrow('items')
})
