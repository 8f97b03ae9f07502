import type { Hex } from 'viem'
import { generatePrivateKey, privateKeyToAddress, sign } from 'viem/accounts'
import { reveal, type Secret } from '../../kernel/secret.ts'
import type { Signer } from '../../kernel/signer.ts'

/** 32 random bytes that are a valid key. */
export function newPrivateKey(): Hex {
  return generatePrivateKey()
}

/** A key in this process's memory: 32 bytes as hex with `0x`. Throws when it is not a private key. */
export function localSigner(privateKey: Secret<string>): Signer {
  const key = reveal(privateKey) as Hex
  if (!/^0x[0-9a-fA-F]{64}$/.test(key)) throw new Error('A private key is 0x and 64 hex digits')
  return {
    address: privateKeyToAddress(key).toLowerCase() as Hex,
    sign: async (hash) => {
      const { r, s, yParity } = await sign({ hash, privateKey: key })
      return { r, s, yParity: yParity === 1 ? 1 : 0 }
    },
  }
}
