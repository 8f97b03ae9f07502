import { Agent, type Dispatcher, request } from 'undici'
import { parseCidrs } from './addresses.ts'
import {
  BLOCKED,
  guardedLookup,
  isBlockedLiteral,
  type Resolve,
  systemResolve,
  UNRESOLVED,
  vettedAddresses,
} from './guard.ts'
import { bareHost } from './webhook-url.ts'

/** `reset` is a connection that broke, or an answer that is no HTTP. `timeout` is any of the three. */
export type PostFailure = 'dns' | 'blocked_address' | 'connect' | 'tls' | 'timeout' | 'reset'

export type PostResult =
  | {
      readonly outcome: 'answered'
      readonly status: number
      /** What Retry-After asks for, in whole seconds. */
      readonly retryAfterSeconds?: number
      /** The first KiB of the body as text. */
      readonly snippet: string
      readonly milliseconds: number
    }
  | { readonly outcome: 'failed'; readonly reason: PostFailure; readonly milliseconds: number }

export type Poster = {
  /** Sends one POST. What the other side does is a value; only a wrong header or a closed poster throws. */
  post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
  ): Promise<PostResult>
  /** Whether the host of a URL leads to allowed addresses only, as things stand now. For registration. */
  checkHost(url: string): Promise<'dns' | 'blocked_address' | undefined>
  /** Waits for requests under way, at most until their time is up. */
  close(): Promise<void>
}

type PosterOptions = {
  /** Networks that are not public and yet allowed, such as `127.0.0.0/8` in development. */
  readonly allowCidrs: readonly string[]
  readonly connectTimeoutMs: number
  readonly headersTimeoutMs: number
  /** From the call to the last byte that is read. */
  readonly totalTimeoutMs: number
  readonly resolve?: Resolve
  /** Certificates to trust instead of the built-in list, PEM. */
  readonly trustedCertificates?: readonly string[]
}

const READ_MAX_BYTES = 64 * 1024
const SNIPPET_BYTES = 1024
const CONNECTIONS_PER_ORIGIN = 64

/**
 * Opens the only way out to addresses that strangers name. Each connection resolves its name once, checks every
 * address and connects to what was checked; literals are checked apart because sockets look none of them up. Redirects
 * are never followed and proxy variables have no effect.
 */
export function openPoster(options: PosterOptions): Poster {
  const allow = parseCidrs(options.allowCidrs)
  const resolve = options.resolve ?? systemResolve
  const agent = new Agent({
    connections: CONNECTIONS_PER_ORIGIN,
    connect: {
      lookup: guardedLookup(resolve, allow),
      timeout: options.connectTimeoutMs,
      minVersion: 'TLSv1.2',
      // Said aloud, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off.
      rejectUnauthorized: true,
      ...(options.trustedCertificates && { ca: [...options.trustedCertificates] }),
    },
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.totalTimeoutMs,
  })
  return {
    post: async (url, headers, body) => {
      const started = performance.now()
      const answer =
        !isHttp(url) || isBlockedLiteral(new URL(url), allow)
          ? failed('blocked_address')
          : await send(agent, options.totalTimeoutMs, { url, headers, body })
      return { ...answer, milliseconds: Math.round(performance.now() - started) }
    },
    checkHost: async (url) => {
      if (!isHttp(url) || isBlockedLiteral(new URL(url), allow)) return 'blocked_address'
      const host = bareHost(new URL(url))
      const work = vettedAddresses(host, resolve, allow)
      return work.then(
        () => undefined,
        (error: unknown) => (codeOf(error) === BLOCKED ? 'blocked_address' : 'dns'),
      )
    },
    close: () => agent.close(),
  }
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
}

type Message = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

type Answer = PostResult extends infer R ? (R extends R ? Omit<R, 'milliseconds'> : never) : never

async function send(agent: Agent, totalTimeoutMs: number, message: Message): Promise<Answer> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), totalTimeoutMs)
  try {
    const response = await request(message.url, {
      dispatcher: agent,
      method: 'POST',
      // A compressed answer could be a bomb; nothing here unpacks one, but none is asked for either.
      headers: { ...message.headers, 'accept-encoding': 'identity' },
      body: message.body,
      signal: abort.signal,
    })
    const snippet = await readSnippet(response.body)
    const retryAfterSeconds = readRetryAfter(response.headers)
    return {
      outcome: 'answered',
      status: response.statusCode,
      snippet,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    }
  } catch (error) {
    if (/^UND_ERR_(INVALID_ARG|CLOSED|DESTROYED)$/.test(codeOf(error))) throw error
    return failed(abort.signal.aborted ? 'timeout' : reasonOf(codeOf(error)))
  } finally {
    clearTimeout(timer)
  }
}

function failed(reason: PostFailure): Answer {
  return { outcome: 'failed', reason }
}

/** Reads to the end, but no more than the limit; leaving the loop early closes the connection. */
async function readSnippet(body: AsyncIterable<Uint8Array>): Promise<string> {
  const kept: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    if (bytes < SNIPPET_BYTES) kept.push(chunk.subarray(0, SNIPPET_BYTES - bytes))
    bytes += chunk.byteLength
    if (bytes > READ_MAX_BYTES) break
  }
  // PostgreSQL text cannot hold a NUL.
  return Buffer.concat(kept).toString('utf8').replaceAll('\0', '\uFFFD')
}

/** RFC 9110 section 10.2.3: seconds, or a date, which is read against the sender's own Date so that clocks may differ. */
function readRetryAfter(headers: Dispatcher.ResponseData['headers']): number | undefined {
  const text = headers['retry-after']
  if (typeof text !== 'string') return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const seconds = (Date.parse(text) - Date.parse(String(headers.date))) / 1_000
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds) : undefined
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

function reasonOf(code: string): PostFailure {
  if (code === BLOCKED) return 'blocked_address'
  if (code === UNRESOLVED) return 'dns'
  if (/_TIMEOUT$|^ETIMEDOUT$/.test(code)) return 'timeout'
  if (/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM)$/.test(code)) {
    return 'connect'
  }
  // OpenSSL's own reasons have no common prefix: DEPTH_ZERO_SELF_SIGNED_CERT, CERT_HAS_EXPIRED …
  return /^ERR_(TLS|SSL)_|CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^EPROTO$/.test(code)
    ? 'tls'
    : 'reset'
}
