import { reveal, type Secret } from '../../kernel/secret.ts'
import { type AwsCredentials, signRequest } from './sigv4.ts'

/** How a request shows who asks: signed for AWS, with a bearer token, or not at all. */
export type KmsAccess =
  | { readonly kind: 'aws'; readonly credentials: AwsCredentials }
  | { readonly kind: 'bearer'; readonly token: Secret<string> }
  | { readonly kind: 'none' }

export type KmsOptions = {
  /** `https://kms.ap-northeast-2.amazonaws.com`, or a signing service that speaks the same. */
  readonly endpoint: string
  readonly access: KmsAccess
  /** Of one attempt, from the call to the last byte of the answer. */
  readonly timeoutMs: number
  /** Before the second attempt; twice as long before the third. */
  readonly pauseMs: number
  readonly now: () => Date
}

export type KmsOperation = 'Sign' | 'GetPublicKey'

/** One question to the signing service. Throws an Error without secrets: operation, HTTP status, the service's name of the fault. */
export type AskKms = (
  operation: KmsOperation,
  input: Readonly<Record<string, string>>,
) => Promise<Readonly<Record<string, unknown>>>

type Attempt =
  | { readonly answer: Readonly<Record<string, unknown>> }
  | { readonly fault: string; readonly isPassing: boolean }

const ATTEMPTS = 3
const MAX_ANSWER_BYTES = 16 * 1024
const CONTENT_TYPE = 'application/x-amz-json-1.1'
/** AWS says some of its "not now" with HTTP 400. */
const PASSING_NAMES = /^(ThrottlingException|LimitExceededException|RequestLimitExceeded)$/

/**
 * Asks a signing service that speaks as AWS KMS does. What may pass (no connection, no answer in time, 429, 5xx,
 * throttling) is tried again twice: a signature that nobody sends does no harm. Redirects are never followed.
 */
export function openKmsClient(options: KmsOptions): AskKms {
  return async (operation, input) => {
    for (let attempt = 1; ; attempt++) {
      const result = await askOnce(options, operation, JSON.stringify(input))
      if ('answer' in result) return result.answer
      if (!result.isPassing || attempt === ATTEMPTS)
        throw new Error(`The signing service did not do ${operation}: ${result.fault}`)
      await new Promise((resolve) => setTimeout(resolve, attempt * options.pauseMs))
    }
  }
}

async function askOnce(
  options: KmsOptions,
  operation: KmsOperation,
  body: string,
): Promise<Attempt> {
  try {
    const response = await fetch(options.endpoint, {
      method: 'POST',
      headers: headersOf(options, operation, body),
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(options.timeoutMs),
    })
    return judge(response.status, await readText(response))
  } catch (error) {
    return { fault: faultOf(error, options.timeoutMs), isPassing: true }
  }
}

function headersOf(
  { endpoint, access, now }: KmsOptions,
  operation: KmsOperation,
  body: string,
): Record<string, string> {
  const headers = { 'content-type': CONTENT_TYPE, 'x-amz-target': `TrentService.${operation}` }
  switch (access.kind) {
    case 'none':
      return headers
    case 'bearer':
      return { ...headers, authorization: `Bearer ${reveal(access.token)}` }
    case 'aws': {
      const request = { method: 'POST', url: new URL(endpoint), headers, body } as const
      return { ...headers, ...signRequest(request, 'kms', access.credentials, now()) }
    }
  }
}

function judge(status: number, text: string | undefined): Attempt {
  const answer = text === undefined ? undefined : parse(text)
  if (status !== 200) {
    const name = nameOf(answer)
    const isPassing = status === 429 || status >= 500 || PASSING_NAMES.test(name)
    return { fault: `HTTP ${status} ${name}`.trim(), isPassing }
  }
  if (answer !== undefined) return { answer }
  return { fault: 'the answer is not a JSON object of at most 16 KiB', isPassing: false }
}

/** The service's name of a fault, such as AccessDeniedException. Its sentences may name accounts and keys: they are left out. */
function nameOf(answer: Readonly<Record<string, unknown>> | undefined): string {
  const name = String(answer?.__type ?? '').replace(/^.*#/, '')
  return /^[A-Za-z]{1,64}$/.test(name) ? name : ''
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}

/** The body as text, or undefined when it is longer than any answer of such a service. */
async function readText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    // Leaving the loop ends the connection.
    if (bytes > MAX_ANSWER_BYTES) return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The code of a broken connection alone: fetch quotes headers in some of its messages. */
function faultOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `no answer within ${timeoutMs} ms`
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return `no connection ${/^[A-Z0-9_]{1,40}$/.test(code) ? code : ''}`.trim()
}
