import { type Clock, SECOND_MS } from '../../kernel/time.ts'
import {
  fieldsOf,
  type Invoice,
  type InvoicePage,
  type Place,
  readInvoice,
  readInvoicePage,
  readPlace,
  textOf,
} from './model.ts'

/** Short enough that a till in a dead network notices soon. */
const WAIT_SECONDS = 10
const ANSWER_TIMEOUT_MS = 8_000
const PAGE_LIMIT = 100
/** Answers that say nothing about the request itself, so that it is sent again. */
const RETRY_CODES: readonly string[] = ['idempotency_in_flight', 'rate_limited']

/** What came back: the value, a refusal with its reason, or nothing that can be trusted. */
export type Answer<Value> =
  | { readonly outcome: 'ok'; readonly value: Value }
  | {
      readonly outcome: 'refused'
      readonly status: number
      readonly code: string
      readonly fields: readonly string[]
    }
  | { readonly outcome: 'unreachable' }

/** A charge that may be sent any number of times: the same key and body open one invoice. */
export type Attempt = { readonly key: string; readonly body: string }

export type Api = {
  createInvoice(attempt: Attempt, signal: AbortSignal): Promise<Answer<Invoice>>
  getInvoice(id: string, signal: AbortSignal): Promise<Answer<Invoice>>
  /** Answers when the invoice is newer than this version, or after ten seconds. */
  waitForInvoice(id: string, version: number, signal: AbortSignal): Promise<Answer<Invoice>>
  listInvoices(day: string, startingAfter: string | undefined): Promise<Answer<InvoicePage>>
  cancelInvoice(id: string): Promise<Answer<Invoice>>
  /** Whether the gateway takes this key. */
  checkKey(): Promise<Answer<InvoicePage>>
  getPlace(code: string): Promise<Answer<Place>>
  /** The server's time: the clock of a till may be wrong. */
  now(): Date
}

type Request = {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** The gateway, asked with the key of one till. */
export function openApi(key: string, clock: Clock): Api {
  let aheadMs = 0
  const ask = async <Value>(
    path: string,
    read: (json: unknown) => Value,
    { method = 'GET', headers = {}, body, signal, timeoutMs = ANSWER_TIMEOUT_MS }: Request = {},
  ): Promise<Answer<Value>> => {
    const controller = new AbortController()
    const abort = () => controller.abort()
    const timer = setTimeout(abort, timeoutMs)
    signal?.addEventListener('abort', abort)
    try {
      const response = await fetch(path, {
        method,
        headers: { authorization: `Bearer ${key}`, ...headers },
        body: body ?? null,
        cache: 'no-store',
        signal: controller.signal,
      })
      const json: unknown = await response.json()
      if (!response.ok) return refusalOf(response.status, json)
      const value = read(json)
      aheadMs = Date.parse(response.headers.get('date') ?? '') - clock.now().getTime() || aheadMs
      return { outcome: 'ok', value }
    } catch {
      // No network, no JSON (the login page of a Wi-Fi, say) or not what we asked for: ask again.
      return { outcome: 'unreachable' }
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }
  return {
    createInvoice: (attempt, signal) =>
      ask('/v1/invoices', readInvoice, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': attempt.key },
        body: attempt.body,
        signal,
      }),
    getInvoice: (id, signal) => ask(`/v1/invoices/${id}`, readInvoice, { signal }),
    waitForInvoice: (id, version, signal) =>
      ask(`/v1/invoices/${id}?after_version=${version}&wait_seconds=${WAIT_SECONDS}`, readInvoice, {
        signal,
        timeoutMs: WAIT_SECONDS * SECOND_MS + ANSWER_TIMEOUT_MS / 2,
      }),
    listInvoices: (day, startingAfter) => {
      const after = startingAfter === undefined ? '' : `&starting_after=${startingAfter}`
      return ask(`/v1/invoices?day=${day}&limit=${PAGE_LIMIT}${after}`, readInvoicePage)
    },
    cancelInvoice: (id) => ask(`/v1/invoices/${id}/cancel`, readInvoice, { method: 'POST' }),
    checkKey: () => ask('/v1/invoices?limit=1', readInvoicePage),
    getPlace: (code) => ask(`/v1/checkout/${code}`, readPlace),
    now: () => new Date(clock.now().getTime() + aheadMs),
  }
}

function refusalOf(status: number, json: unknown): Answer<never> {
  const problem = fieldsOf(json)
  const code = textOf(problem.code)
  if (status >= 500 || RETRY_CODES.includes(code)) return { outcome: 'unreachable' }
  const errors = Array.isArray(problem.errors) ? problem.errors : []
  return {
    outcome: 'refused',
    status,
    code,
    fields: errors.map((one) => String(fieldsOf(one).field)),
  }
}
