import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import type { KmsOptions } from '../../src/platform/keys/kms-client.ts'
import { openRemote } from './opening.ts'
import {
  AWS,
  encodeDer,
  KEY_ID,
  type Next,
  newKey,
  openSigningService,
  reply,
  type SigningService,
  TOKEN,
} from './signing-service.ts'

const DIGEST: Hex = `0x${'5a'.repeat(32)}`
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

let service: SigningService
afterEach(() => service.close())

async function open(access: 'aws' | 'bearer' | 'none' = 'none', options: Partial<KmsOptions> = {}) {
  service = await openSigningService(access)
  return openRemote(service, access, options)
}

const status =
  (code: number, body: unknown = {}): Next =>
  (_, response) =>
    reply(response, code, body)
const cut: Next = (_, response) => response.destroy()
const redirect: Next = (_, response) => response.writeHead(307, { location: '/' }).end()
const hang: Next = () => {}
const signature = (der: Buffer): Next => status(200, { Signature: der.toString('base64') })

function byAnotherKey(): Buffer {
  const { r, s } = newKey().sign(Buffer.from(DIGEST.slice(2), 'hex'))
  return encodeDer(r, s)
}

/** What `work` throws, as a text that holds everything that a log could find in it. */
async function failureOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(Error)
  const text = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`
  for (const canary of [TOKEN, KEY_ID, AWS.secretAccessKey, AWS.sessionToken])
    expect(text).not.toContain(canary)
  return (error as Error).message
}

describe('a remote key asks', () => {
  it('for its public key once, then for a signature of the bare digest', async () => {
    const signer = await open('bearer')
    await signer.sign(DIGEST)
    expect(service.asked.map(({ target, body }) => ({ target, ...JSON.parse(body) }))).toEqual([
      { target: 'TrentService.GetPublicKey', KeyId: KEY_ID },
      {
        target: 'TrentService.Sign',
        KeyId: KEY_ID,
        Message: Buffer.from('5a'.repeat(32), 'hex').toString('base64'),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      },
    ])
  })

  it('for nothing that is no digest', async () => {
    const signer = await open()
    for (const digest of ['0x', '0x12', `0x${'g'.repeat(64)}`, '5a'.repeat(32)])
      await expect(signer.sign(digest as Hex)).rejects.toThrow('A digest is')
    expect(service.asked).toHaveLength(1)
  })
})

describe('what passes is tried again twice', () => {
  it.each([
    ['an error of the service', status(500)],
    ['a service that is not ready', status(503)],
    ['too many requests', status(429)],
    ["AWS's word for too many", status(400, { __type: 'ThrottlingException' })],
    ['a broken connection', cut],
  ])('%s', async (_, fault) => {
    const signer = await open()
    service.answer(fault, fault)
    await signer.sign(DIGEST)
    expect(service.asked).toHaveLength(4)
    service.answer(fault, fault, fault)
    await failureOf(signer.sign(DIGEST))
    expect(service.asked).toHaveLength(7)
  })

  it('a service that does not answer in time', async () => {
    const signer = await open('none', { timeoutMs: 800 })
    service.answer(hang, hang)
    await signer.sign(DIGEST)
    service.answer(hang, hang, hang)
    expect(await failureOf(signer.sign(DIGEST))).toContain('no answer within 800 ms')
  })

  it('a service that begins an answer and does not end it', async () => {
    const signer = await open('none', { timeoutMs: 800 })
    service.answer((_, response) => response.write('{'))
    await signer.sign(DIGEST)
    expect(service.asked).toHaveLength(3)
  })

  it('nobody there at all', async () => {
    const signer = await open()
    await service.close()
    expect(await failureOf(signer.sign(DIGEST))).toContain('no connection ECONNREFUSED')
  })
})

describe('what does not pass is refused at once', () => {
  const garbage: readonly (readonly [string, Next, string | RegExp])[] = [
    [
      'a refusal',
      status(400, { __type: 'a.b#AccessDeniedException', message: KEY_ID }),
      'HTTP 400 AccessDeniedException',
    ],
    ['a refusal whose name is not one', status(403, { __type: `${KEY_ID} is wrong` }), /HTTP 403$/],
    ['a redirect', redirect, 'HTTP 307'],
    ['a page', status(200, '<html>'), 'not a JSON object'],
    ['a list', status(200, '[]'), 'not a JSON object'],
    ['null', status(200, 'null'), 'not a JSON object'],
    ['an answer without end', status(200, `"${'x'.repeat(17_000)}"`), 'not a JSON object'],
    ['no signature', status(200, {}), 'without Signature in base64'],
    ['a number for a signature', status(200, { Signature: 12 }), 'without Signature in base64'],
    ['an empty signature', status(200, { Signature: '' }), 'without Signature in base64'],
    ['hex for base64', status(200, { Signature: '0x3006' }), 'without Signature in base64'],
    ['bytes that are no DER', signature(Buffer.alloc(64, 7)), 'not strict DER'],
    [
      'a byte too many',
      signature(Buffer.concat([encodeDer(1n, 1n), Buffer.alloc(1)])),
      'not strict DER',
    ],
    ['r above the order', signature(encodeDer(ORDER + 1n, 1n)), 'another key'],
    ['s above the order', signature(encodeDer(1n, ORDER + 1n)), 'another key'],
    ['an r that is on no point', signature(encodeDer(5n, 1n)), 'another key'],
    ['the signature of another key', signature(byAnotherKey()), 'another key'],
    ['numbers that sign nothing', signature(encodeDer(ORDER / 3n, ORDER / 5n)), 'another key'],
  ]
  it.each(garbage)('%s', async (_, plan, words) => {
    const signer = await open()
    service.answer(plan)
    expect(await failureOf(signer.sign(DIGEST))).toMatch(words)
    expect(service.asked).toHaveLength(2)
    await signer.sign(DIGEST)
  })
})

describe('a remote key does not open', () => {
  const { spki } = newKey()
  const shown = (der: Uint8Array) => status(200, { PublicKey: Buffer.from(der).toString('base64') })
  const changed = (place: number) => spki.map((byte, at) => (at === place ? byte ^ 1 : byte))
  it.each([
    ['without an answer', status(200, {}), 'without PublicKey in base64'],
    ['of another curve', shown(changed(20)), 'not an uncompressed secp256k1 key'],
    ['cut short', shown(spki.subarray(0, 87)), 'not an uncompressed secp256k1 key'],
    ['with a byte too many', shown(Buffer.concat([spki, Buffer.alloc(1)])), 'not an uncompressed'],
    ['off the curve', shown(changed(87)), 'no point of secp256k1'],
  ])('%s', async (_, plan, words) => {
    service = await openSigningService('none')
    service.answer(plan)
    expect(await failureOf(openRemote(service, 'none'))).toContain(words)
  })

  it('with credentials that the service does not know', async () => {
    service = await openSigningService('aws')
    for (const access of ['none', 'bearer'] as const)
      expect(await failureOf(openRemote(service, access))).toContain('IncompleteSignatureException')
    const early = () => new Date(Date.now() - 400_000)
    expect(await failureOf(openRemote(service, 'aws', { now: early }))).toContain('HTTP 400')
  })

  it('at a service that is not there', async () => {
    service = await openSigningService('none')
    await service.close()
    expect(await failureOf(openRemote(service, 'none'))).toContain('no connection ECONNREFUSED')
  })
})
