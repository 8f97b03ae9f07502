import { SECOND_MS } from '../../kernel/time.ts'
import { type Answer, askGateway } from '../browser/ask.ts'
import { type Checkout, readCheckout, readTerms, type Terms } from './model.ts'

const WAIT_SECONDS = 20
const ANSWER_TIMEOUT_MS = 10_000
const JSON_HEADERS = { 'content-type': 'application/json' }

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
    askGateway(`${path}/${tail}`, read, {
      method: 'POST',
      timeoutMs: ANSWER_TIMEOUT_MS,
      ...(body === undefined ? {} : { headers: JSON_HEADERS, body: JSON.stringify(body) }),
    })
  return {
    getCheckout: (signal) =>
      askGateway(path, readCheckout, { signal, timeoutMs: ANSWER_TIMEOUT_MS }),
    waitForCheckout: (version, signal) =>
      askGateway(`${path}?after_version=${version}&wait_seconds=${WAIT_SECONDS}`, readCheckout, {
        signal,
        timeoutMs: WAIT_SECONDS * SECOND_MS + ANSWER_TIMEOUT_MS,
      }),
    getTerms: (payer) => post('terms', { payer }, readTerms),
    pay: (payer, signature) => post('payments', { payer, signature }, readCheckout),
    payAsDemoShopper: () => post('demo-payments', undefined, readCheckout),
  }
}
