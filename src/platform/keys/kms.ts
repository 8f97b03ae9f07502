import { createPublicKey } from 'node:crypto'
import { bytesToHex, numberToHex, recoverAddress } from 'viem'
import { publicKeyToAddress } from 'viem/accounts'
import type { Hex } from '../../kernel/hex.ts'
import { reveal, type Secret } from '../../kernel/secret.ts'
import type { RecoverableSignature, Signer } from '../../kernel/signer.ts'
import { readPublicKey, readSignature } from './der.ts'
import { type AskKms, type KmsOptions, openKmsClient } from './kms-client.ts'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/**
 * A secp256k1 key that never leaves AWS KMS, or a signing service that speaks the same. `keyId` is a key id, an alias
 * or an ARN. Reads the address first; throws when the service refuses, or when the key is of another kind.
 */
export async function openKmsSigner(options: KmsOptions, keyId: Secret<string>): Promise<Signer> {
  const ask = openKmsClient(options)
  const address = await readAddress(ask, keyId)
  return {
    address,
    sign: async (digest) => {
      if (!/^0x[0-9a-fA-F]{64}$/.test(digest)) throw new Error('A digest is 0x and 64 hex digits')
      const { Signature } = await ask('Sign', {
        KeyId: reveal(keyId),
        Message: Buffer.from(digest.slice(2), 'hex').toString('base64'),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      })
      return complete(address, digest, readSignature(bytesOf('Signature', Signature)))
    },
  }
}

async function readAddress(ask: AskKms, keyId: Secret<string>): Promise<Hex> {
  const { PublicKey } = await ask('GetPublicKey', { KeyId: reveal(keyId) })
  const der = bytesOf('PublicKey', PublicKey)
  const coordinates = readPublicKey(der)
  try {
    createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
  } catch {
    throw new Error('The public key is no point of secp256k1')
  }
  return publicKeyToAddress(`0x04${bytesToHex(coordinates).slice(2)}`).toLowerCase() as Hex
}

/** Takes s to the lower half of the order, and finds the parity by which the signature leads to the known address. */
async function complete(
  address: Hex,
  digest: Hex,
  { r, s }: { readonly r: bigint; readonly s: bigint },
): Promise<RecoverableSignature> {
  const low = s > ORDER / 2n ? ORDER - s : s
  if (r < ORDER && s < ORDER)
    for (const yParity of [0, 1] as const) {
      const signature = { r: numberToHex(r, { size: 32 }), s: numberToHex(low, { size: 32 }) }
      if ((await recover(digest, { ...signature, yParity })) === address)
        return { ...signature, yParity }
    }
  throw new Error(`The signing service signed with another key than that of ${address}`)
}

async function recover(hash: Hex, signature: RecoverableSignature): Promise<string | undefined> {
  // It throws where r is on no point of the curve.
  return recoverAddress({ hash, signature }).then(
    (address) => address.toLowerCase(),
    () => undefined,
  )
}

function bytesOf(field: string, value: unknown): Uint8Array {
  // Buffer skips what is not base64, so the way back must lead to the same text.
  const bytes = Buffer.from(typeof value === 'string' ? value : '', 'base64')
  if (bytes.length === 0 || bytes.toString('base64') !== value)
    throw new Error(`The signing service answered without ${field} in base64`)
  return bytes
}
