import type { Hex } from './hex.ts'

/** A secp256k1 signature with s in the lower half of the order. */
export type RecoverableSignature = { readonly r: Hex; readonly s: Hex; readonly yParity: 0 | 1 }

/** A key that signs for one address, wherever the key may be. */
export type Signer = {
  /** Lower-case hex. */
  readonly address: Hex
  /** The same digest may get another signature each time. Throws when the key cannot be reached; asking again does no harm. */
  sign(digest: Hex): Promise<RecoverableSignature>
}
