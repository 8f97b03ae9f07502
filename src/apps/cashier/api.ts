import { type Clock, SECOND_MS } from '../../kernel/time.ts'
import { type Answer, type AskOptions, askGateway } from '../browser/ask.ts'
import {
  type Invoice,
  type InvoicePage,
  type Place,
  readInvoice,
  readInvoicePage,
  readPlace,
} from './model.ts'

/** Short enough that a till in a dead network notices soon. */
const WAIT_SECONDS = 10
const ANSWER_TIMEOUT_MS = 8_000
const PAGE_LIMIT = 100

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

/** The gateway, asked with the key of one till. */
export function openApi(key: string, clock: Clock): Api {
  let aheadMs = 0
  const ask = <Value>(
    path: string,
    read: (json: unknown) => Value,
    options: Partial<AskOptions> = {},
  ): Promise<Answer<Value>> => {
    const readAndSetClock = (json: unknown, answered: Headers) => {
      const value = read(json)
      aheadMs = Date.parse(answered.get('date') ?? '') - clock.now().getTime() || aheadMs
      return value
    }
    const headers = { authorization: `Bearer ${key}`, ...options.headers }
    return askGateway(path, readAndSetClock, { timeoutMs: ANSWER_TIMEOUT_MS, ...options, headers })
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
