import { FAULTS, Fault, type FaultCode, type FieldError } from '../../kernel/errors.ts'

/** An answer that is a problem, RFC 9457: `type` is a URI that names the code, `instance` the request. */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: FaultCode
  readonly errors: readonly FieldError[]
  readonly request_id: string
}

export const PROBLEM_TYPE = 'application/problem+json'
/** Seconds after which a caller may try a fault again whose row says that it may. */
const RETRY_AFTER_SECONDS = 1

type Validation = {
  readonly keyword: string
  readonly instancePath: string
  readonly params: Record<string, unknown>
  readonly message?: string
}
type Thrown = Error & {
  readonly code?: string
  readonly statusCode?: number
  readonly validation?: readonly Validation[]
  readonly validationContext?: string
}

const CODES_OF_FASTIFY: Readonly<Record<string, FaultCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_request',
}

/** The fault behind whatever a handler threw. Anything unknown is `internal` and keeps its cause for the log. */
export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  if (!(thrown instanceof Error)) return new Fault('internal', undefined, { cause: thrown })
  const error = thrown as Thrown
  if (error.validation !== undefined)
    return invalid(error.validation, error.validationContext ?? 'body')
  const known = CODES_OF_FASTIFY[error.code ?? '']
  if (known !== undefined) return new Fault(known, undefined, { cause: error })
  if (error.statusCode === 429) return new Fault('rate_limited', undefined, { cause: error })
  if (error.statusCode !== undefined && error.statusCode < 500)
    return new Fault('invalid_request', error.message, { cause: error })
  return new Fault('internal', undefined, { cause: error })
}

/** Names every field that the schema refused: a JSON pointer for a body, a name for the rest. */
function invalid(validation: readonly Validation[], context: string): Fault {
  const fields = validation.map((one) => {
    const inner = one.params.additionalProperty ?? one.params.missingProperty
    const path = `${one.instancePath}${inner === undefined ? '' : `/${String(inner)}`}`
    const code =
      one.keyword === 'additionalProperties'
        ? 'unknown_field'
        : one.keyword === 'required'
          ? 'missing'
          : one.keyword
    return { field: context === 'body' ? path || '/' : path.slice(1), code }
  })
  const [first] = validation
  const where = fields[0]?.field ?? context
  return new Fault('invalid_request', `${context} ${where}: ${first?.message ?? 'is not valid'}`, {
    fields,
  })
}

export function problemOf(fault: Fault, requestId: string): Problem {
  const { status, title } = FAULTS[fault.code]
  // What went wrong inside is for the log, never for the caller.
  const detail = status >= 500 ? title : fault.message
  return {
    type: `urn:baro:problem:${fault.code}`,
    title,
    status,
    detail,
    instance: `urn:baro:request:${requestId}`,
    code: fault.code,
    errors: fault.fields,
    request_id: requestId,
    ...fault.extra,
  }
}

export function retryAfterOf(fault: Fault): number | undefined {
  return FAULTS[fault.code].retry ? RETRY_AFTER_SECONDS : undefined
}
