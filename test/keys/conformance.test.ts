import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { bytesToHex, recoverAddress } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import { secret } from '../../src/kernel/secret.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { callAndWait } from '../../src/platform/chain/call.ts'
import { openEvmChain, readChainId } from '../../src/platform/chain/evm.ts'
import { localSigner } from '../../src/platform/keys/local.ts'
import { giveCoins } from '../support/coins.ts'
import { openRemote } from './opening.ts'
import { openSigningService, type SigningService } from './signing-service.ts'

const HIGHEST_S = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n / 2n
const ZERO: Hex = `0x${'00'.repeat(20)}`

const kinds = [
  { name: 'in memory', access: undefined },
  { name: 'in AWS KMS', access: 'aws' as const },
  { name: 'in a signing service with a bearer token', access: 'bearer' as const },
  { name: 'in a signing service of the same host', access: 'none' as const },
]

describe.each(kinds)('a key $name', ({ access }) => {
  let signer: Signer
  let service: SigningService | undefined
  beforeAll(async () => {
    service = access && (await openSigningService(access))
    signer =
      service && access
        ? await openRemote(service, access)
        : localSigner(secret(generatePrivateKey()))
  })
  afterAll(async () => service?.close())

  const signedBy = async (digest: Hex) => {
    const signature = await signer.sign(digest)
    expect(signature.r).toMatch(/^0x[0-9a-f]{64}$/)
    expect(signature.s).toMatch(/^0x[0-9a-f]{64}$/)
    expect(BigInt(signature.s) <= HIGHEST_S).toBe(true)
    return (await recoverAddress({ hash: digest, signature })).toLowerCase()
  }

  it('has an address in lower case', () => {
    expect(signer.address).toMatch(/^0x[0-9a-f]{40}$/)
  })

  it('signs any digest so that its address comes back, with a low s', async () => {
    const digests = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => bytesToHex(bytes))
    await fc.assert(
      fc.asyncProperty(digests, async (digest) => {
        expect(await signedBy(digest)).toBe(signer.address)
      }),
      { numRuns: 60, examples: [[`0x${'00'.repeat(32)}`], [`0x${'ff'.repeat(32)}`]] },
    )
  })

  it('gives other digests other signatures', async () => {
    const digests = Array.from({ length: 20 }, (_, i): Hex => `0x${String(i).padStart(64, '0')}`)
    const signatures = await Promise.all(digests.map((digest) => signer.sign(digest)))
    expect(new Set(signatures.map(({ r }) => r)).size).toBe(20)
  })

  it('signs the same digest again, whether or not with the same signature', async () => {
    const digest = bytesToHex(randomBytes(32))
    for (let time = 0; time < 4; time++) expect(await signedBy(digest)).toBe(signer.address)
  })

  it('signs many at once without mixing them up', async () => {
    const digests = Array.from({ length: 40 }, () => bytesToHex(randomBytes(32)))
    const signers = await Promise.all(digests.map(signedBy))
    expect(new Set(signers)).toEqual(new Set([signer.address]))
  })

  it('signs transactions that the chain takes and mines', async () => {
    const rpcUrl = inject('chainUrl')
    const chainId = await readChainId([rpcUrl])
    const chain = openEvmChain({ rpcUrls: [rpcUrl], chainId, token: ZERO })
    const anyone = `0x${'01'.repeat(20)}` as const
    const payment = { data: '0x', gas: 21_000n } as const
    await giveCoins([signer.address])
    await callAndWait(chain, signer, [
      { ...payment, to: anyone, value: 1n },
      { ...payment, to: anyone, value: 2n },
    ])
    expect(await chain.nonce(signer.address)).toBe(2n)
    chain.close()
  })

  it.skipIf(access === undefined)('was asked for high and low s alike', async () => {
    const before = { high: 0, low: 0, ...service?.given }
    const digests = Array.from({ length: 80 }, () => bytesToHex(randomBytes(32)))
    await Promise.all(digests.map(signedBy))
    expect(service?.given.high).toBeGreaterThan(before.high + 10)
    expect(service?.given.low).toBeGreaterThan(before.low + 10)
  })
})
