import { SECOND_MS } from '../../kernel/time.ts'
import { type Checkout, fieldsOf, readCheckout, readTerms, type Terms, textOf } from './model.ts'

const WAIT_SECONDS = 20
const ANSWER_TIMEOUT_MS = 10_000

/** What came back: the value, a refusal with its code, or nothing that can be trusted. */
export type Answer<Value> =
  | { readonly outcome: 'ok'; readonly value: Value }
  | { readonly outcome: 'refused'; readonly code: string }
  | { readonly outcome: 'unreachable' }

export type Api = {
  getCheckout(signal: AbortSignal): Promise<Answer<Checkout>>
  /** Answers when the bill is newer than this version, or after twenty seconds. */
  waitForCheckout(version: number, signal: AbortSignal): Promise<Answer<Checkout>>
  getTerms(payer: string): Promise<Answer<Terms>>
  pay(payer: string, signature: string): Promise<Answer<Checkout>>
  payAsDemoShopper(): Promise<Answer<Checkout>>
}

/** The public routes of one bill. */
export function openApi(code: string): Api {
  const path = `/v1/checkout/${encodeURIComponent(code)}`
  const post = <Value>(tail: string, body: unknown, read: (json: unknown) => Value) =>
    ask(`${path}/${tail}`, read, body === undefined ? { method: 'POST' } : postOf(body))
  return {
    getCheckout: (signal) => ask(path, readCheckout, { signal }),
    waitForCheckout: (version, signal) =>
      ask(
        `${path}?after_version=${version}&wait_seconds=${WAIT_SECONDS}`,
        readCheckout,
        { signal },
        WAIT_SECONDS * SECOND_MS + ANSWER_TIMEOUT_MS,
      ),
    getTerms: (payer) => post('terms', { payer }, readTerms),
    pay: (payer, signature) => post('payments', { payer, signature }, readCheckout),
    payAsDemoShopper: () => post('demo-payments', undefined, readCheckout),
  }
}

function postOf(body: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
}

async function ask<Value>(
  path: string,
  read: (json: unknown) => Value,
  init: RequestInit,
  timeoutMs = ANSWER_TIMEOUT_MS,
): Promise<Answer<Value>> {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const timer = setTimeout(abort, timeoutMs)
  init.signal?.addEventListener('abort', abort)
  try {
    const response = await fetch(path, { ...init, cache: 'no-store', signal: controller.signal })
    const json: unknown = await response.json()
    if (response.ok) return { outcome: 'ok', value: read(json) }
    if (response.status >= 500 || response.status === 429) return { outcome: 'unreachable' }
    return { outcome: 'refused', code: textOf(fieldsOf(json).code) }
  } catch {
    // No network, no JSON or not what we asked for: nothing is known, so ask again.
    return { outcome: 'unreachable' }
  } finally {
    clearTimeout(timer)
    init.signal?.removeEventListener('abort', abort)
  }
}
