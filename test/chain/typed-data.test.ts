import fc from 'fast-check'
import { type Hex, hashTypedData, keccak256, serializeSignature, toHex } from 'viem'
import { privateKeyToAccount, sign } from 'viem/accounts'
import { expect, test } from 'vitest'
import {
  compactSignature,
  paymentDigest,
  paymentDomain,
  paymentTypedData,
  paymentTypedDataJson,
  recoverPayer,
} from '../../src/platform/chain/typed-data.ts'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const payer = privateKeyToAccount(keccak256('0x01'))
const digest = keccak256('0x02')

function hex(bytes: number) {
  return fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value): Hex => toHex(value))
}

const terms = fc.record({
  merchant: hex(20),
  amount: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  nonce: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  validBefore: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  invoice: hex(16),
})

test('hashes a payment exactly as viem does', () => {
  fc.assert(
    fc.property(terms, hex(20), fc.integer({ min: 1, max: 2 ** 31 }), (payment, token, chainId) => {
      const domain = paymentDomain(chainId, token)
      expect(paymentDigest(domain, payment)).toBe(hashTypedData(paymentTypedData(domain, payment)))
    }),
  )
})

test('gives wallets a JSON object of the same payment', () => {
  const payment = {
    merchant: payer.address,
    amount: 4500n,
    nonce: 3,
    validBefore: 4_000_000_000,
    invoice: `0x${'ab'.repeat(16)}` as const,
  }
  const domain = { chainId: 8217, token: payer.address }
  const json = JSON.parse(JSON.stringify(paymentTypedDataJson(domain, payment)))
  expect(json.message).toEqual({ ...payment, amount: '4500' })
  expect(hashTypedData(json)).toBe(hashTypedData(paymentTypedData(domain, payment)))
})

test('recovers who signed, in lower case, for every accepted v', async () => {
  const signature = await payer.sign({ hash: digest })
  const parity = signature.endsWith('1b') ? '00' : '01'
  expect(recoverPayer(digest, signature)).toBe(payer.address.toLowerCase())
  expect(recoverPayer(digest, `${signature.slice(0, 130)}${parity}`)).toBe(
    payer.address.toLowerCase(),
  )
})

test('refuses the high twin of a signature', async () => {
  const { r, s, yParity } = await sign({ hash: digest, privateKey: keccak256('0x01') })
  const twin = serializeSignature({
    r,
    s: toHex(ORDER - BigInt(s), { size: 32 }),
    yParity: yParity === 1 ? 0 : 1,
  })
  expect(recoverPayer(digest, twin)).toBeUndefined()
  expect(() => compactSignature(twin)).toThrow(RangeError)
})

test('refuses other lengths, other v and numbers off the curve', async () => {
  const signature = await payer.sign({ hash: digest })
  const zero = '00'.repeat(32)
  const order = ORDER.toString(16)
  const bad = [
    '0x',
    signature.slice(2),
    signature.slice(0, 128),
    `${signature}00`,
    `${signature.slice(0, 130)}1d`,
    `${signature.slice(0, 130)}02`,
    `0x${zero}${signature.slice(66)}`,
    `0x${signature.slice(2, 66)}${zero}1b`,
    `0x${order}${signature.slice(66)}`,
    `0x${'zz'.repeat(65)}`,
  ]
  for (const each of bad) {
    expect(recoverPayer(digest, each)).toBeUndefined()
    expect(() => compactSignature(each)).toThrow(RangeError)
  }
})

test('never throws on any 65 bytes', () => {
  fc.assert(fc.property(hex(65), (signature) => void recoverPayer(digest, signature)))
})

test('puts the parity of a signature into the top bit', async () => {
  const signature = await payer.sign({ hash: digest })
  const compact = compactSignature(signature)
  expect(compact).toHaveLength(2 + 128)
  expect(compact.slice(2, 66)).toBe(signature.slice(2, 66))
  const vs = BigInt(`0x${compact.slice(66)}`)
  expect(vs >> 255n).toBe(signature.endsWith('1c') ? 1n : 0n)
  expect(recoverPayer(digest, compact)).toBe(payer.address.toLowerCase())
  expect(compactSignature(compact)).toBe(compact)
})
