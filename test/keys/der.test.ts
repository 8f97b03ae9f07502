import { generateKeyPairSync, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPublicKey, readSignature } from '../../src/platform/keys/der.ts'
import { encodeDer } from './signing-service.ts'

const LARGEST = 2n ** 256n - 1n
const numbers = fc.oneof(
  fc.bigInt({ min: 1n, max: LARGEST }),
  fc.nat(255).chain((bits) => fc.constantFrom(2n ** BigInt(bits), 2n ** BigInt(bits + 1) - 1n)),
)
const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const fixed = (value: bigint) => value.toString(16).padStart(64, '0')

describe('a signature in DER', () => {
  it('is read as any two numbers of up to 32 bytes', () => {
    fc.assert(
      fc.property(numbers, numbers, (r, s) => {
        expect(readSignature(encodeDer(r, s))).toEqual({ r, s })
      }),
      { numRuns: 1_000 },
    )
  })

  it('is read as OpenSSL writes it', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    for (let round = 0; round < 200; round++) {
      const message = Buffer.from(`message ${round}`)
      const { r, s } = readSignature(sign('sha256', message, privateKey))
      const flat = Buffer.from(`${fixed(r)}${fixed(s)}`, 'hex')
      const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
      expect(verify('sha256', message, key, flat)).toBe(true)
    }
  })

  it('is refused when any one byte of its frame is another, or it is cut or longer', () => {
    const frame = (der: Buffer) => [0, 1, 2, 3, 4 + (der[3] ?? 0), 5 + (der[3] ?? 0)]
    fc.assert(
      fc.property(
        numbers,
        numbers,
        fc.nat(5),
        fc.integer({ min: 1, max: 255 }),
        (r, s, nth, change) => {
          const der = encodeDer(r, s)
          const place = frame(der)[nth] ?? 0
          const other = der.map((byte, at) => (at === place ? byte ^ change : byte))
          expect(() => readSignature(other)).toThrow('not strict DER')
        },
      ),
      { numRuns: 1_000 },
    )
    fc.assert(
      fc.property(
        numbers,
        numbers,
        fc.nat(71),
        fc.uint8Array({ minLength: 1 }),
        (r, s, cut, more) => {
          const der = encodeDer(r, s)
          fc.pre(cut < der.length)
          expect(() => readSignature(der.subarray(0, cut))).toThrow('not strict DER')
          expect(() => readSignature(Buffer.concat([der, more]))).toThrow('not strict DER')
        },
      ),
    )
  })

  it('is read from arbitrary bytes only when they are the one encoding of what is read', () => {
    const shaped = fc
      .array(fc.uint8Array({ maxLength: 36 }), { minLength: 1, maxLength: 3 })
      .map((parts) => {
        const body = Buffer.concat(parts.map((part) => Buffer.from([2, part.length, ...part])))
        return Buffer.from([0x30, body.length, ...body])
      })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), shaped), (input) => {
        let read: { r: bigint; s: bigint } | undefined
        try {
          read = readSignature(input)
        } catch (error) {
          expect((error as Error).message).toContain('not strict DER')
        }
        if (read !== undefined) expect(encodeDer(read.r, read.s)).toEqual(Buffer.from(input))
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['nothing', '', 'no sequence'],
    ['a set', '31 06 02 01 01 02 01 01', 'no sequence'],
    ['a length of two bytes', '30 81 06 02 01 01 02 01 01', 'its length'],
    ['an open length', '30 80 02 01 01 02 01 01 00 00', 'its length'],
    ['one number', '30 03 02 01 01', 'a number is missing'],
    ['three numbers', '30 09 02 01 01 02 01 01 02 01 01', 'after the second'],
    ['a zero', '30 06 02 01 00 02 01 01', 'is zero'],
    ['a negative number', '30 06 02 01 80 02 01 01', 'is negative'],
    ['a needless zero', '30 07 02 02 00 01 02 01 01', 'needless zeros'],
    ['an empty number', '30 05 02 00 02 01 01', 'is cut off'],
    ['a number that ends beyond', '30 06 02 01 01 02 02 01', 'is cut off'],
    ['33 bytes of number', `30 26 02 21 01 ${'00'.repeat(32)} 02 01 01`, 'too large'],
    ['34 bytes of number', `30 27 02 22 00 ff ${'00'.repeat(32)} 02 01 01`, 'too large'],
  ])('is refused: %s', (_, hex, words) => {
    expect(() => readSignature(bytes(hex))).toThrow(words)
  })
})

describe('a public key in DER', () => {
  it('is refused when a byte before its point is another, and when it is cut or longer', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    const der = publicKey.export({ type: 'spki', format: 'der' })
    const others = [
      ...Array.from({ length: 24 }, (_, place) =>
        der.map((byte, at) => (at === place ? byte ^ 1 : byte)),
      ),
      der.subarray(0, -1),
      Buffer.concat([der, Buffer.alloc(1)]),
    ]
    for (const other of others)
      expect(() => readPublicKey(other)).toThrow('not an uncompressed secp256k1 key')
  })

  it('is read as OpenSSL writes it', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const coordinates = readPublicKey(publicKey.export({ type: 'spki', format: 'der' }))
    expect(Buffer.from(coordinates).toString('base64url')).toBe(
      Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]).toString(
        'base64url',
      ),
    )
  })

  it('is refused for every other kind of key', () => {
    const others = [
      generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
      generateKeyPairSync('ed25519'),
      generateKeyPairSync('rsa', { modulusLength: 1024 }),
    ]
    for (const { publicKey } of others)
      expect(() => readPublicKey(publicKey.export({ type: 'spki', format: 'der' }))).toThrow(
        'not an uncompressed secp256k1 key',
      )
  })
})
