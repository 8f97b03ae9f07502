import { createECDH, createHash, createHmac, createPublicKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** Credentials that the service knows. */
export const AWS = {
  region: 'ap-northeast-2',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'FwoGZXIvYXdzEXAMPLE//token==',
}
export const TOKEN = 'canary-bearer-token'
export const KEY_ID = 'arn:aws:kms:ap-northeast-2:111122223333:key/canary-key-id'

type Asked = {
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
/** What is done with one request. */
export type Next = (asked: Asked, response: ServerResponse) => void

/** A signing service in the shape of AWS KMS, on loopback, with one key. Every signature has a new random k, and half of them a high s. */
export type SigningService = {
  readonly url: string
  readonly asked: readonly Asked[]
  /** High and low s that were given. */
  readonly given: { high: number; low: number }
  /** Answers the next requests so, one each; afterwards the service is itself again. */
  answer(...next: readonly Next[]): void
  close(): Promise<void>
}

export async function openSigningService(
  access: 'aws' | 'bearer' | 'none',
): Promise<SigningService> {
  const key = newKey()
  const asked: Asked[] = []
  const given = { high: 0, low: 0 }
  const planned: Next[] = []
  const usual: Next = (request, response) => {
    if (!ALLOWED[access](request, new URL(url).host))
      return reply(response, 400, { __type: 'IncompleteSignatureException', message: KEY_ID })
    const input = JSON.parse(request.body) as Record<string, string>
    if (input.KeyId !== KEY_ID) return reply(response, 400, { __type: 'NotFoundException' })
    if (request.target === 'TrentService.GetPublicKey')
      return reply(response, 200, { KeyId: KEY_ID, PublicKey: key.spki.toString('base64') })
    const { Message = '', MessageType, SigningAlgorithm } = input
    const digest = Buffer.from(Message, 'base64')
    const isSign = request.target === 'TrentService.Sign' && digest.length === 32
    if (!isSign || MessageType !== 'DIGEST' || SigningAlgorithm !== 'ECDSA_SHA_256')
      return reply(response, 400, { __type: 'ValidationException' })
    const { r, s } = key.sign(digest)
    given[s > ORDER / 2n ? 'high' : 'low'] += 1
    reply(response, 200, { KeyId: KEY_ID, Signature: encodeDer(r, s).toString('base64') })
  }
  const server = createServer(async (request, response) => {
    const one = await read(request)
    asked.push(one)
    const next = planned.shift() ?? usual
    next(one, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    asked,
    given,
    answer: (...next) => {
      planned.push(...next)
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  )
  const body = Buffer.concat(chunks).toString('utf8')
  const isPost =
    request.method === 'POST' && headers['content-type'] === 'application/x-amz-json-1.1'
  return { target: isPost ? (headers['x-amz-target'] ?? '') : '', headers, body }
}

export function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** A key of secp256k1 whose points OpenSSL computes. */
export function newKey() {
  const ecdh = createECDH('secp256k1')
  const point = ecdh.generateKeys()
  const secretNumber = BigInt(`0x${ecdh.getPrivateKey('hex')}`)
  const jwk = {
    kty: 'EC',
    crv: 'secp256k1',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  }
  const spki = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' })
  return { spki, sign: (digest: Buffer) => ecdsa(secretNumber, digest) }
}

/** ECDSA by the book: r is the abscissa of kG, s = (z + rd) / k. OpenSSL signs hashes that it makes itself only. */
function ecdsa(d: bigint, digest: Buffer): { r: bigint; s: bigint } {
  const nonce = createECDH('secp256k1')
  const abscissa = nonce.generateKeys().subarray(1, 33)
  const r = BigInt(`0x${abscissa.toString('hex')}`) % ORDER
  const k = BigInt(`0x${nonce.getPrivateKey('hex')}`)
  const z = BigInt(`0x${digest.toString('hex')}`)
  const s = ((z + r * d) * power(k, ORDER - 2n)) % ORDER
  const wantsHigh = (randomBytes(1)[0] ?? 0) < 128
  return { r, s: s > ORDER / 2n === wantsHigh ? s : ORDER - s }
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base % ORDER]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % ORDER
    square = (square * square) % ORDER
  }
  return result
}

export function encodeDer(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([r, s].map(encodeInteger))
  return Buffer.concat([Buffer.from([0x30, body.length]), body])
}

function encodeInteger(value: bigint): Buffer {
  const digits = value.toString(16)
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
  const isSigned = (bytes[0] ?? 0) >= 0x80
  const content = isSigned ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
  return Buffer.concat([Buffer.from([0x02, content.length]), content])
}

const ALLOWED = {
  none: ({ headers }: Asked) => headers.authorization === undefined,
  bearer: ({ headers }: Asked) => headers.authorization === `Bearer ${TOKEN}`,
  aws: isSignedForAws,
}

/** Works the signature out again, from what arrived, as AWS describes it. */
function isSignedForAws({ headers, body }: Asked, host: string): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, credential, names = '', signature] = form.exec(headers.authorization ?? '') ?? []
  const time = headers['x-amz-date'] ?? ''
  const day = time.slice(0, 8)
  const sent = Date.parse(
    time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  )
  if (!(Math.abs(Date.now() - sent) < 300_000)) return false
  const scope = `${day}/${AWS.region}/kms/aws4_request`
  if (credential !== `${AWS.accessKeyId}/${scope}` || headers.host !== host) return false
  if (names !== 'content-type;host;x-amz-date;x-amz-security-token;x-amz-target') return false
  if (headers['x-amz-security-token'] !== AWS.sessionToken) return false
  const lines = names.split(';').map((name) => `${name}:${headers[name]}\n`)
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const request = `POST\n/\n\n${lines.join('')}\n${names}\n${hash(body)}`
  const mac = (by: string | Buffer, text: string) => createHmac('sha256', by).update(text).digest()
  const dayKey = mac(`AWS4${AWS.secretAccessKey}`, day)
  const key = mac(mac(mac(dayKey, AWS.region), 'kms'), 'aws4_request')
  return (
    mac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash(request)}`).toString('hex') === signature
  )
}
