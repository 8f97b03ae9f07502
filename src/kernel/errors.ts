/** Every fault the gateway can answer with. One row is one code, its HTTP status, its retry rule and its title. */
export const FAULTS = {
  invalid_request: { status: 400, retry: false, title: 'The request is not valid' },
  unauthorised: { status: 401, retry: false, title: 'No valid API key' },
  forbidden: { status: 403, retry: false, title: 'This API key may not do that' },
  not_found: { status: 404, retry: false, title: 'No such resource' },
  method_not_allowed: { status: 405, retry: false, title: 'This path has no such method' },
  wrong_state: { status: 409, retry: false, title: 'The resource is not in a state for that' },
  order_exists: { status: 409, retry: false, title: 'This store has an invoice for that order' },
  invoice_paying: { status: 409, retry: false, title: 'Another phone is paying this invoice' },
  invoice_paid: { status: 409, retry: false, title: 'This invoice has been paid' },
  invoice_cancelled: { status: 409, retry: false, title: 'This invoice was cancelled' },
  nonce_used: { status: 409, retry: false, title: 'The authorisation was used before' },
  terms_missing: { status: 409, retry: false, title: 'This payer has no open terms' },
  idempotency_in_flight: { status: 409, retry: true, title: 'The first request is still running' },
  invoice_expired: { status: 410, retry: false, title: 'The invoice has expired' },
  payload_too_large: { status: 413, retry: false, title: 'The request body is too large' },
  unsupported_media_type: { status: 415, retry: false, title: 'The body must be JSON' },
  signature_invalid: { status: 422, retry: false, title: 'The signature is not of this payer' },
  insufficient_funds: { status: 422, retry: false, title: 'The payer does not have the money' },
  payer_frozen: { status: 422, retry: false, title: 'This account cannot pay' },
  payer_key_changed: { status: 422, retry: false, title: 'This account signs with another key' },
  idempotency_mismatch: { status: 422, retry: false, title: 'This key was used for another body' },
  rate_limited: { status: 429, retry: true, title: 'Too many requests' },
  internal: { status: 500, retry: true, title: 'Internal error' },
  chain_unavailable: { status: 503, retry: true, title: 'The chain cannot be reached' },
  database_unavailable: { status: 503, retry: true, title: 'The database cannot be reached' },
} as const

export type FaultCode = keyof typeof FAULTS

/** One field that was refused: its path in the request and a machine-readable reason. */
export type FieldError = { readonly field: string; readonly code: string }

type FaultOptions = ErrorOptions & {
  readonly fields?: readonly FieldError[]
  /** Extension members of the problem document (RFC 9457 section 3.2), such as the id of the invoice in the way. */
  readonly extra?: Readonly<Record<string, string>>
}

/** A refusal with its place in the table. `detail` is for people and says what to do next. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly fields: readonly FieldError[]
  readonly extra: Readonly<Record<string, string>>

  constructor(code: FaultCode, detail?: string, options: FaultOptions = {}) {
    super(detail ?? FAULTS[code].title, options)
    this.code = code
    this.fields = options.fields ?? []
    this.extra = options.extra ?? {}
  }
}
