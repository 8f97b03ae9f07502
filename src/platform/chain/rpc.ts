import type { Hex } from '../../kernel/hex.ts'
import { readMeaningOf } from './errors.ts'
import { readNodeUrl } from './node-url.ts'

/** One question of JSON-RPC. */
export type Call = {
  readonly method: string
  readonly params: readonly unknown[]
  /** A node without the method answers too: its error is handed on. */
  readonly mayBeMissing?: boolean
}
export type Reply = { readonly result: unknown } | { readonly error: NodeError }

/**
 * Why a node gave no result: `down` (no connection, a status of 5xx, no JSON), `broken` (the connection went on the way),
 * `timeout`, `limited` (too many calls), or `said`: it answered with an error.
 */
export type Trouble = 'down' | 'broken' | 'timeout' | 'limited' | 'said'

/** A question without a result. The message is the node's own words, without what may be a key of its URL. */
export class NodeError extends Error {
  override readonly name = 'NodeError'
  readonly trouble: Trouble
  readonly code: number | undefined
  /** What a contract reverted with. */
  readonly data: Hex | undefined
  /** How long the node asks to be left alone. */
  readonly retryAfterMs: number | undefined

  constructor(
    trouble: Trouble,
    text: string,
    more: { code?: number | undefined; data?: Hex | undefined; retryAfterMs?: number } = {},
  ) {
    super(text.slice(0, MAX_TEXT))
    this.trouble = trouble
    this.code = more.code
    this.data = more.data
    this.retryAfterMs = more.retryAfterMs
  }
}

/** Is told of every call, each entry of a batch by itself. */
export type OnCall = (method: string, outcome: 'ok' | 'error', milliseconds: number) => void

/** One node behind one URL. It repeats nothing by itself. */
export type Rpc = {
  /** Sends one question, or several in one request, and gives a reply for each. Throws NodeError when there is none. */
  send(calls: readonly Call[], timeoutMs: number): Promise<readonly Reply[]>
  /** Ends the calls in flight; every later one fails. */
  close(): void
}

type Body = { readonly id?: unknown; readonly result?: unknown; readonly error?: unknown }

const MAX_TEXT = 500
const TOO_MANY_REQUESTS = 429

export function openRpc(url: string, onCall: OnCall = () => {}): Rpc {
  const { href, headers, hide } = readNodeUrl(url)
  const inFlight = new Set<AbortController>()
  let isClosed = false
  let takesBatches = true

  async function post(body: unknown, timeoutMs: number): Promise<unknown> {
    if (isClosed) throw new NodeError('down', 'closed')
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort('timeout'), timeoutMs)
    inFlight.add(abort)
    try {
      const response = await fetch(href, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        signal: abort.signal,
      })
      return bodyOf(response, await response.text(), hide)
    } catch (error) {
      if (error instanceof NodeError) throw error
      if (isClosed) throw new NodeError('down', 'closed')
      if (abort.signal.aborted) throw new NodeError('timeout', `no answer within ${timeoutMs} ms`)
      throw connectionError(error, hide)
    } finally {
      clearTimeout(timer)
      inFlight.delete(abort)
    }
  }

  async function exchange(calls: readonly Call[], timeoutMs: number): Promise<readonly Reply[]> {
    const [first] = calls
    if (first === undefined) return []
    if (calls.length === 1) return [replyOf(await post(question(first, 1), timeoutMs), hide)]
    if (takesBatches) {
      const answers = await post(
        calls.map((call, index) => question(call, index + 1)),
        timeoutMs,
      )
      if (Array.isArray(answers)) return repliesOf(calls, answers, hide)
      const refusal = replyOf(answers, hide)
      if ('error' in refusal && readMeaningOf(refusal.error.message) === 'limited')
        throw refusal.error
      takesBatches = false
    }
    return (await Promise.all(calls.map((call) => exchange([call], timeoutMs)))).flat()
  }

  return {
    async send(calls, timeoutMs) {
      const start = performance.now()
      const tell = (outcomes: readonly ('ok' | 'error')[]) => {
        const milliseconds = performance.now() - start
        for (const [index, { method }] of calls.entries())
          onCall(method, outcomes[index] ?? 'error', milliseconds)
      }
      try {
        const replies = await exchange(calls, timeoutMs)
        tell(replies.map((reply) => ('error' in reply ? 'error' : 'ok')))
        return replies
      } catch (error) {
        tell([])
        throw error
      }
    },
    close() {
      isClosed = true
      for (const abort of inFlight) abort.abort('closed')
    },
  }
}

/** The result of a reply; throws its error. */
export function resultOf<Result>(reply: Reply | undefined): Result {
  if (reply === undefined) throw new NodeError('down', 'no answer to this question')
  if ('error' in reply) throw reply.error
  return reply.result as Result
}

function question({ method, params }: Call, id: number) {
  return { jsonrpc: '2.0', id, method, params }
}

type Hide = (text: string) => string

function bodyOf(response: Response, body: string, hide: Hide): unknown {
  const { status } = response
  const text = hide(body)
  if (status === TOO_MANY_REQUESTS) {
    const retryAfterMs = retryAfterOf(response.headers.get('retry-after'))
    throw new NodeError(
      'limited',
      `HTTP 429 ${text}`,
      retryAfterMs === undefined ? {} : { retryAfterMs },
    )
  }
  if (status >= 500) throw new NodeError('down', `HTTP ${status} ${text}`)
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch {}
  throw new NodeError('down', `HTTP ${status} without JSON-RPC: ${text}`)
}

/** `Retry-After` is a number of seconds or a date (RFC 9110 section 10.2.3). */
function retryAfterOf(header: string | null): number | undefined {
  if (header === null) return undefined
  const milliseconds = /^\d+$/.test(header)
    ? Number(header) * 1_000
    : Date.parse(header) - Date.now()
  return Number.isFinite(milliseconds) && milliseconds > 0 ? milliseconds : undefined
}

function connectionError(error: unknown, hide: Hide): NodeError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const text = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const isBroken = /ECONNRESET|EPIPE|UND_ERR_SOCKET/.test(code) || readMeaningOf(text) === 'broken'
  return new NodeError(isBroken ? 'broken' : 'down', hide([code, text].filter(Boolean).join(' ')))
}

function repliesOf(
  calls: readonly Call[],
  answers: readonly unknown[],
  hide: Hide,
): readonly Reply[] {
  const byId = new Map(answers.map((answer) => [(answer as Body | null)?.id, answer]))
  return calls.map((_, index) => replyOf(byId.get(index + 1), hide))
}

function replyOf(answer: unknown, hide: Hide): Reply {
  const body = (answer ?? {}) as Body
  if (body.error === undefined || body.error === null)
    return 'result' in body
      ? { result: body.result }
      : { error: new NodeError('down', 'an answer without result and without error') }
  if (typeof body.error !== 'object')
    return { error: new NodeError('said', hide(String(body.error))) }
  const { code, message, data } = body.error as { code?: number; message?: unknown; data?: unknown }
  const text = hide(String(message ?? 'an error without words'))
  return { error: new NodeError('said', text, { code, data: revertOf(data) }) }
}

/** Nodes give the data of a revert as hex, a few of them one level further down. */
function revertOf(data: unknown): Hex | undefined {
  const hex = typeof data === 'object' && data !== null && 'data' in data ? data.data : data
  return typeof hex === 'string' && /^0x[0-9a-f]{8,}$/i.test(hex) ? (hex as Hex) : undefined
}
