import { createHash, createHmac } from 'node:crypto'
import { reveal, type Secret } from '../../kernel/secret.ts'

const ALGORITHM = 'AWS4-HMAC-SHA256'

export type AwsCredentials = {
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: Secret<string>
  /** Comes with temporary credentials. */
  readonly sessionToken: Secret<string> | undefined
}

/** A request without query. Header names are lower-case; `host` is taken from the URL. */
export type UnsignedRequest = {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The headers that AWS Signature Version 4 adds to a request: the date, the session token, and the signature over all. */
export function signRequest(
  request: UnsignedRequest,
  service: string,
  credentials: AwsCredentials,
  now: Date,
): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '')
  const day = time.slice(0, 8)
  const { region, accessKeyId, secretAccessKey, sessionToken } = credentials
  const added = {
    'x-amz-date': time,
    ...(sessionToken && { 'x-amz-security-token': reveal(sessionToken) }),
  }
  const headers = { ...request.headers, host: request.url.host, ...added }
  const { text, names } = canonical(request, headers)
  const scope = [day, region, service, 'aws4_request']
  const toSign = [ALGORITHM, time, scope.join('/'), sha256(text)].join('\n')
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${reveal(secretAccessKey)}`)
  const signature = hmac(key, toSign).toString('hex')
  const credential = [accessKeyId, ...scope].join('/')
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`
  return { ...added, authorization }
}

/** The one text that both sides make of a request: method, path, no query, headers by name, hash of the body. */
function canonical(
  { method, url, body }: UnsignedRequest,
  headers: Readonly<Record<string, string>>,
): { readonly text: string; readonly names: string } {
  const sorted = Object.entries(headers).sort(([one], [other]) => (one < other ? -1 : 1))
  const names = sorted.map(([name]) => name).join(';')
  const lines = sorted.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}\n`)
  // Services other than S3 encode the path, encoded as it is, once more.
  const path = url.pathname.split('/').map(encodeURIComponent).join('/')
  return { names, text: [method, path, '', lines.join(''), names, sha256(body)].join('\n') }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
