import { fieldsOf, textOf } from './json.ts'

const TOO_MANY_REQUESTS = 429

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

export type AskOptions = {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
  readonly timeoutMs: number
}

/** Asks the gateway once. */
export async function askGateway<Value>(
  path: string,
  read: (json: unknown, headers: Headers) => Value,
  { signal, timeoutMs, ...init }: AskOptions,
): Promise<Answer<Value>> {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const timer = setTimeout(abort, timeoutMs)
  signal?.addEventListener('abort', abort)
  try {
    const response = await fetch(path, { ...init, cache: 'no-store', signal: controller.signal })
    const json: unknown = await response.json()
    if (!response.ok) return refusalOf(response.status, json)
    return { outcome: 'ok', value: read(json, response.headers) }
  } catch {
    // No network, no JSON (the login page of a Wi-Fi, say) or not what we asked for: ask again.
    return { outcome: 'unreachable' }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

function refusalOf(status: number, json: unknown): Answer<never> {
  const problem = fieldsOf(json)
  const code = textOf(problem.code)
  // These say nothing about the request itself, so that it is sent again.
  if (status >= 500 || status === TOO_MANY_REQUESTS || code === 'idempotency_in_flight')
    return { outcome: 'unreachable' }
  const errors = Array.isArray(problem.errors) ? problem.errors : []
  return {
    outcome: 'refused',
    status,
    code,
    fields: errors.map((one) => String(fieldsOf(one).field)),
  }
}
