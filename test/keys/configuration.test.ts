import { generatePrivateKey } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/apps/config.ts'
import { openSigners } from '../../src/apps/signers.ts'
import { secret } from '../../src/kernel/secret.ts'
import { systemClock } from '../../src/kernel/time.ts'
import { localSigner } from '../../src/platform/keys/local.ts'
import { AWS, KEY_ID, openSigningService, type SigningService, TOKEN } from './signing-service.ts'

const BASE = {
  DATABASE_URL: 'postgres://localhost/baro',
  CHAIN_RPC_URLS: 'http://127.0.0.1:8545',
  CHAIN_ID: '31337',
  TOKEN_ADDRESS: `0x${'12'.repeat(20)}`,
}
const KMS = { ...BASE, RELAYER_KMS_KEYS: KEY_ID }
const IN_AWS = {
  KMS_REGION: AWS.region,
  KMS_ACCESS_KEY_ID: AWS.accessKeyId,
  KMS_SECRET_ACCESS_KEY: AWS.secretAccessKey,
}
const worker = (env: Record<string, string>) => readConfig(env, 'worker')

describe('the keys of a worker', () => {
  let [aws, own]: SigningService[] = []
  beforeAll(async () => {
    ;[aws, own] = await Promise.all([openSigningService('aws'), openSigningService('bearer')])
  })
  afterAll(() => Promise.all([aws?.close(), own?.close()]))

  it('are opened from both kinds, one lane each', async () => {
    const keys = [generatePrivateKey(), generatePrivateKey()]
    const config = worker({
      ...KMS,
      RELAYER_KEYS: keys.join(','),
      KMS_ENDPOINT: own?.url ?? '',
      KMS_TOKEN: TOKEN,
    })
    const signers = await openSigners(config, systemClock)
    expect(signers).toHaveLength(3)
    expect(signers.slice(0, 2).map(({ address }) => address)).toEqual(
      keys.map((key) => localSigner(secret<string>(key)).address),
    )
    await signers[2]?.sign(`0x${'01'.repeat(32)}`)
  })

  it('are opened with credentials of AWS', async () => {
    const session = { KMS_SESSION_TOKEN: AWS.sessionToken, KMS_ENDPOINT: aws?.url ?? '' }
    const config = worker({ ...KMS, ...IN_AWS, ...session })
    expect(await openSigners(config, systemClock)).toHaveLength(1)
  })

  it('are not opened when two are one account', async () => {
    const own_ = { KMS_ENDPOINT: own?.url ?? '', KMS_TOKEN: TOKEN }
    const twice = worker({ ...KMS, ...own_, RELAYER_KMS_KEYS: `${KEY_ID},${KEY_ID}` })
    await expect(openSigners(twice, systemClock)).rejects.toThrow('are one account: 0x')
  })

  it('are found at AWS when only a region is named', () => {
    expect(worker({ ...KMS, ...IN_AWS }).kms?.endpoint).toBe(
      'https://kms.ap-northeast-2.amazonaws.com',
    )
  })

  it('show nothing in JSON', () => {
    const token = { KMS_ENDPOINT: 'https://signer.example', KMS_TOKEN: TOKEN }
    const session = { KMS_SESSION_TOKEN: AWS.sessionToken }
    for (const env of [
      { ...KMS, ...token },
      { ...KMS, ...IN_AWS, ...session },
    ]) {
      const text = JSON.stringify(worker(env).kms)
      for (const canary of [KEY_ID, TOKEN, AWS.secretAccessKey, AWS.sessionToken])
        expect(text).not.toContain(canary)
    }
  })

  it.each([
    ['no key at all', {}, 'Neither RELAYER_KEYS nor RELAYER_KMS_KEYS is set'],
    ['no place', { RELAYER_KMS_KEYS: 'k' }, 'needs KMS_REGION or KMS_ENDPOINT'],
    ['half of the credentials', { ...KMS, KMS_REGION: 'a', KMS_ACCESS_KEY_ID: 'a' }, 'go together'],
    ['credentials without region', { ...KMS, ...IN_AWS, KMS_REGION: '' }, 'go together'],
    ['both kinds of credentials', { ...KMS, ...IN_AWS, KMS_TOKEN: 't' }, 'exclude each other'],
    [
      'a token in the clear',
      { ...KMS, KMS_ENDPOINT: 'http://signer', KMS_TOKEN: 't' },
      'must be https',
    ],
    ['an address with a user', { ...KMS, KMS_ENDPOINT: 'https://a:b@signer' }, 'without user'],
    ['an address with a query', { ...KMS, KMS_ENDPOINT: 'https://signer/?a' }, 'without user'],
    ['another protocol', { ...KMS, KMS_ENDPOINT: 'ftp://signer' }, 'KMS_ENDPOINT must be'],
    [
      'a line in the token',
      { ...KMS, KMS_ENDPOINT: 'https://s', KMS_TOKEN: 'a\nb' },
      'printable ASCII',
    ],
  ])('are refused: %s', (_, env, words) => {
    expect(() => worker({ ...BASE, ...env })).toThrow(words)
  })

  it('are no business of a gateway', () => {
    expect(readConfig({ ...KMS }, 'gateway').kms).toBeUndefined()
  })
})
