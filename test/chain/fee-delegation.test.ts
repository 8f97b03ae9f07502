import fc from 'fast-check'
import { bytesToHex, concat, type Hex, hexToBytes, keccak256, toRlp } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { secret } from '../../src/kernel/secret.ts'
import { DelegationRefused } from '../../src/platform/chain/delegation-refusals.ts'
import {
  type DelegatedCall,
  decodePaidCall,
  decodeSentCall,
  encodePaidCall,
  encodeSentCall,
  kaiaSignature,
  payerDigest,
  senderDigest,
  signerOf,
} from '../../src/platform/chain/fee-delegation.ts'
import { decodeRlp, type RlpItem } from '../../src/platform/chain/rlp.ts'
import { decodeKaia } from '../../src/platform/devnet/delegated.ts'
import { localSigner } from '../../src/platform/keys/local.ts'
import { DOCUMENTED } from '../devnet/documented.ts'

const { call, sender, payer } = DOCUMENTED
const DOCUMENTED_CHAIN = 1

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value): Hex => bytesToHex(value))
const integer = (bits: bigint) => fc.bigInt({ min: 0n, max: 2n ** bits - 1n })
const calls: fc.Arbitrary<DelegatedCall> = fc.record({
  nonce: integer(53n),
  gasPrice: integer(256n),
  gas: integer(64n),
  to: hex(20),
  value: integer(256n),
  from: hex(20),
  data: fc.uint8Array({ maxLength: 300 }).map((value): Hex => bytesToHex(value)),
})
const signatures = fc.record({ v: integer(256n), r: integer(256n), s: integer(256n) })

function reasonOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof DelegationRefused) return error.reason
    throw error
  }
  return 'accepted'
}

describe("a fee-delegated call of Kaia's documents", () => {
  const paid = decodePaidCall(DOCUMENTED.raw)

  it('is taken apart and put together to the same bytes and hashes', () => {
    expect(paid).toMatchObject({ call, payer: payer.address })
    expect(encodePaidCall(paid)).toBe(DOCUMENTED.raw)
    expect(keccak256(encodePaidCall(paid))).toBe(DOCUMENTED.hash)
    expect(keccak256(encodeSentCall(paid))).toBe(DOCUMENTED.senderTxHash)
    expect(decodeSentCall(encodeSentCall(paid))).toEqual({ call, bySender: paid.bySender })
  })

  it('has the digests that its parties signed, and their signatures', async () => {
    expect(senderDigest(call, DOCUMENTED_CHAIN)).toBe(sender.digest)
    expect(payerDigest(call, payer.address, DOCUMENTED_CHAIN)).toBe(payer.digest)
    const bySender = await localSigner(secret(sender.key)).sign(sender.digest)
    const byPayer = await localSigner(secret(payer.key)).sign(payer.digest)
    expect(kaiaSignature(bySender, DOCUMENTED_CHAIN)).toEqual(paid.bySender)
    expect(kaiaSignature(byPayer, DOCUMENTED_CHAIN)).toEqual(paid.byPayer)
  })

  it('leads back to its sender, and to the account whose key stands in for the payer', () => {
    expect(signerOf(sender.digest, paid.bySender, DOCUMENTED_CHAIN)).toBe(sender.address)
    expect(signerOf(payer.digest, paid.byPayer, DOCUMENTED_CHAIN)).toBe(
      localSigner(secret(payer.key)).address,
    )
    expect(signerOf(sender.digest, paid.bySender, 2)).toBeUndefined()
  })
})

describe('any fee-delegated call', () => {
  it('comes back from its bytes as it went in', () => {
    fc.assert(
      fc.property(calls, signatures, hex(20), signatures, (any, bySender, by, byPayer) => {
        const sent = { call: any, bySender }
        expect(decodeSentCall(encodeSentCall(sent))).toEqual(sent)
        const paid = { ...sent, payer: by, byPayer }
        expect(decodePaidCall(encodePaidCall(paid))).toEqual(paid)
      }),
    )
  })

  it('is what the development chain, which reads it by other code, takes it for', async () => {
    const [one, other] = [generatePrivateKey(), generatePrivateKey()].map((key) =>
      localSigner(secret<string>(key)),
    )
    if (one === undefined || other === undefined) throw new Error('no keys')
    const chains = fc.integer({ min: 1, max: 2 ** 31 })
    await fc.assert(
      fc.asyncProperty(calls, chains, async (any, chainId) => {
        const own = { ...any, from: one.address }
        const bySender = kaiaSignature(await one.sign(senderDigest(own, chainId)), chainId)
        const digest = payerDigest(own, other.address, chainId)
        const byPayer = kaiaSignature(await other.sign(digest), chainId)
        const raw = encodePaidCall({ call: own, bySender, payer: other.address, byPayer })
        expect(decodeKaia(raw, chainId)).toMatchObject({
          from: one.address,
          to: own.to,
          nonce: Number(own.nonce),
          gas: own.gas,
          feeCap: own.gasPrice,
          data: own.data,
          hash: keccak256(raw),
          senderTxHash: keccak256(encodeSentCall({ call: own, bySender })),
          feePayer: { address: other.address },
        })
      }),
      { numRuns: 50 },
    )
  })

  it('has one encoding: other bytes are refused, or are another call', () => {
    const bytes = hexToBytes(DOCUMENTED.raw)
    const places = fc.nat(bytes.length - 1)
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 255 }), (place, change) => {
        const other = bytesToHex(bytes.map((byte, at) => (at === place ? byte ^ change : byte)))
        if (reasonOf(() => decodePaidCall(other)) !== 'accepted') return
        expect(encodePaidCall(decodePaidCall(other))).toBe(other)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is refused cut anywhere, and with anything after it', () => {
    for (let end = 2; end < DOCUMENTED.raw.length; end += 2)
      expect(reasonOf(() => decodePaidCall(DOCUMENTED.raw.slice(0, end) as Hex))).toMatch(
        /^(not_hex|rlp_cut_off)$/,
      )
    const longer = concat([DOCUMENTED.raw, '0x00'])
    expect(reasonOf(() => decodePaidCall(longer))).toBe('rlp_trailing_bytes')
  })
})

describe('RLP', () => {
  const { tree } = fc.letrec<{ tree: RlpItem }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      fc.uint8Array({ maxLength: 70 }).map((value): Hex => bytesToHex(value)),
      fc.array(tie('tree'), { maxLength: 5 }),
    ),
  }))

  it('is read as viem writes it', () => {
    fc.assert(
      fc.property(tree, (item) => {
        expect(decodeRlp(hexToBytes(toRlp(item as Hex)), 10)).toEqual(item)
      }),
      { numRuns: 1_000 },
    )
    const long: Hex = `0x${'ab'.repeat(70_000)}`
    expect(decodeRlp(hexToBytes(toRlp([long, long])), 1)).toEqual([long, long])
  })

  it('is read from arbitrary bytes only when they are what viem writes', () => {
    const lengths = fc.constantFrom(
      0x7f,
      0x80,
      0x81,
      0xb7,
      0xb8,
      0xb9,
      0xbf,
      0xc0,
      0xc1,
      0xf8,
      0xff,
    )
    const bytes = fc.array(fc.oneof(lengths, fc.nat(255), fc.nat(60)), { maxLength: 80 })
    fc.assert(
      fc.property(bytes, (input) => {
        const given = Uint8Array.from(input)
        let item: RlpItem | undefined
        const reason = reasonOf(() => {
          item = decodeRlp(given, 5)
        })
        if (reason === 'accepted') expect(toRlp(item as Hex)).toBe(bytesToHex(given))
        else expect(reason).toMatch(/^rlp_/)
      }),
      { numRuns: 5_000 },
    )
  })

  it('does not follow lists in lists for ever', () => {
    let nested: Hex = '0xc0'
    for (let depth = 0; depth < 200; depth++) nested = toRlp([nested])
    expect(reasonOf(() => decodeRlp(new Uint8Array(100_000).fill(0xc1), 3))).toMatch(/^rlp_/)
    expect(reasonOf(() => decodeRlp(Uint8Array.of(0xc3, 0xc2, 0xc1, 0xc0), 3))).toBe('rlp_too_deep')
    expect(reasonOf(() => decodeRlp(hexToBytes(nested), 3))).not.toBe('rlp_too_deep')
  })
})

describe('the bytes of a call are refused by name', () => {
  const signature = ['0x25', `0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`] as Hex[]
  const body: Hex[] = ['0x01', '0x19', '0x0f4240', call.to, '0x', call.from, '0x1234']
  const fields = [...body, [signature]]
  type Field = Hex | Field[]
  const raw = (items: Field[]) => concat(['0x31', toRlp(items as Hex[])])
  const put = (place: number, item: Field) =>
    raw(fields.map((field, at) => (at === place ? item : field) as Field))
  const nobody: Field = [['0x01', '0x', '0x']]
  const zero: Hex = `0x${'00'.repeat(20)}`

  it.each([
    ['accepted', raw(fields)],
    ['accepted', raw([...fields, '0x', nobody])],
    ['accepted', raw([...fields, zero, nobody])],
    ['not_hex', '0x' as Hex],
    ['not_hex', '0x3' as Hex],
    ['not_hex', '31' as Hex],
    ['not_hex', '0x31zz' as Hex],
    ['too_long', `0x31${'00'.repeat(128 * 1024)}` as Hex],
    ['wrong_type', '0x02c0' as Hex],
    ['wrong_type', raw(fields).replace('0x31', '0x09') as Hex],
    ['rlp_cut_off', '0x31' as Hex],
    ['rlp_cut_off', '0x31c2' as Hex],
    ['rlp_cut_off', '0x31ffffffffffffffffff' as Hex],
    ['rlp_trailing_bytes', '0x31c000' as Hex],
    ['rlp_not_canonical', '0x31c28101' as Hex],
    ['rlp_not_canonical', '0x31f800' as Hex],
    ['rlp_not_canonical', '0x31b90001ff' as Hex],
    ['rlp_too_deep', raw([[[[]]]])],
    ['wrong_fields', '0x3180' as Hex],
    ['wrong_fields', raw([])],
    ['wrong_fields', raw(fields.slice(0, 7))],
    ['wrong_fields', raw([...fields, '0x'])],
    ['wrong_fields', put(0, [])],
    ['wrong_fields', put(3, '0x')],
    ['wrong_fields', put(5, `${call.from}00`)],
    ['wrong_fields', put(6, [])],
    ['wrong_fields', put(7, '0x25')],
    ['wrong_fields', put(7, [['0x25', '0x01']])],
    ['wrong_fields', put(7, ['0x25', '0x01', '0x01'].slice(0, 1) as Hex[])],
    ['integer_not_minimal', put(0, '0x0001')],
    ['integer_not_minimal', put(4, '0x00')],
    ['integer_not_minimal', put(7, [['0x25', `0x00${'11'.repeat(31)}`, '0x01']])],
    ['integer_too_large', put(0, `0x${'11'.repeat(9)}`)],
    ['integer_too_large', put(2, `0x${'11'.repeat(9)}`)],
    ['integer_too_large', put(1, `0x${'11'.repeat(33)}`)],
    ['integer_too_large', put(7, [['0x25', `0x${'11'.repeat(33)}`, '0x01']])],
    ['not_one_signature', put(7, [])],
    ['not_one_signature', put(7, [signature, signature])],
    ['payer_named', raw([...fields, call.to, nobody])],
    ['payer_named', raw([...fields, '0x', [signature]])],
  ] as const)('%s', (reason, bytes) => {
    expect(reasonOf(() => decodeSentCall(bytes))).toBe(reason)
  })

  it('and nobody is a payer only in what a sender hands over', () => {
    expect(reasonOf(() => decodePaidCall(raw([...fields, '0x', nobody])))).toBe('wrong_fields')
    expect(reasonOf(() => decodePaidCall(raw(fields)))).toBe('wrong_fields')
  })
})
