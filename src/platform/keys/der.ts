const SEQUENCE = 0x30
const INTEGER = 0x02
const SIGN_BIT = 0x80
const NUMBER_BYTES = 32
const POINT_BYTES = 64

/** Everything of a secp256k1 SubjectPublicKeyInfo (RFC 5480) before the two coordinates of its uncompressed point. */
const PUBLIC_KEY_PREFIX = '3056301006072a8648ce3d020106052b8104000a03420004'

/**
 * The two numbers of an ECDSA signature in DER. Strict: two positive integers without needless zeros, of 32 bytes at
 * most, and nothing else before, between or after. Throws an Error that says what is wrong.
 */
export function readSignature(der: Uint8Array): { readonly r: bigint; readonly s: bigint } {
  if (der[0] !== SEQUENCE) throw malformed('it is no sequence')
  // Two numbers of 33 bytes fill 70: a length of more than one byte is either too long or not minimal.
  if (der[1] !== der.length - 2) throw malformed('its length is not that of its bytes')
  const r = readNumber(der, 2)
  const s = readNumber(der, r.end)
  if (s.end !== der.length) throw malformed('something stands after the second number')
  return { r: r.value, s: s.value }
}

/** The two coordinates, 64 bytes, of a secp256k1 public key as SubjectPublicKeyInfo. Throws for any other form or curve. */
export function readPublicKey(der: Uint8Array): Uint8Array {
  const prefixBytes = PUBLIC_KEY_PREFIX.length / 2
  const prefix = Buffer.from(der.subarray(0, prefixBytes)).toString('hex')
  if (der.length !== prefixBytes + POINT_BYTES || prefix !== PUBLIC_KEY_PREFIX)
    throw new Error('The public key is not an uncompressed secp256k1 key')
  return der.subarray(prefixBytes)
}

function readNumber(der: Uint8Array, at: number): { readonly value: bigint; readonly end: number } {
  const length = der[at + 1] ?? 0
  const bytes = der.subarray(at + 2, at + 2 + length)
  const [first, second] = bytes
  if (der[at] !== INTEGER) throw malformed('a number is missing')
  if (first === undefined || bytes.length !== length) throw malformed('a number is cut off')
  if (first >= SIGN_BIT) throw malformed('a number is negative')
  if (first === 0 && (second === undefined || second < SIGN_BIT))
    throw malformed(second === undefined ? 'a number is zero' : 'a number has needless zeros')
  if (length > NUMBER_BYTES && first !== 0) throw malformed('a number is too large')
  if (length > NUMBER_BYTES + 1) throw malformed('a number is too large')
  return { value: BigInt(`0x${Buffer.from(bytes).toString('hex')}`), end: at + 2 + length }
}

function malformed(what: string): Error {
  return new Error(`The signature is not strict DER: ${what}`)
}
