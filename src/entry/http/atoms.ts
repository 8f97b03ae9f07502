import Type, { type TSchema } from 'typebox'
import type { Hex } from '../../kernel/hex.ts'
import type { Id } from '../../kernel/ids.ts'
import { ID_PATTERN, PAY_CODE_PATTERN } from '../../kernel/ids.ts'

const MAX_SAFE = Number.MAX_SAFE_INTEGER

export const WonAmount = Type.Integer({
  minimum: 1,
  maximum: MAX_SAFE,
  description: 'Whole won: 4500 is 4,500 won',
  examples: [4500],
})
/** A part of an amount, which may be nothing. */
export const WonPart = Type.Integer({ minimum: 0, maximum: MAX_SAFE, description: 'Whole won' })
export const Instant = Type.String({ format: 'date-time', examples: ['2026-11-21T05:03:07.000Z'] })
export const Day = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  description: 'A calendar day in Asia/Seoul',
  examples: ['2026-11-21'],
})
export const Nullable = <Schema extends TSchema>(schema: Schema) =>
  Type.Union([schema, Type.Null()])
export const AddressText = Type.Unsafe<Hex>(
  Type.String({ pattern: '^0x[0-9a-fA-F]{40}$', description: 'An account on the chain' }),
)
export const HashText = Type.Unsafe<Hex>(Type.String({ pattern: '^0x[0-9a-f]{64}$' }))
/** Any case: a scanner or a keyboard in another mode may have changed it. */
export const PayCode = Type.String({
  pattern: `^${PAY_CODE_PATTERN}$`,
  description: 'The code that the QR symbol carries',
})
/**
 * Without control characters and changes of direction, which would break a receipt, a log or a table, and without
 * halves of surrogate pairs, which are no characters and which PostgreSQL refuses.
 */
export const PLAIN_TEXT =
  '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]*$'
export const PlainText = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: PLAIN_TEXT, description })

export const idOf = <Prefix extends string>(prefix: Prefix) =>
  Type.Unsafe<Id<Prefix>>(Type.String({ pattern: `^${prefix}_${ID_PATTERN}$` }))

/** A titled schema is a named component of the document, so that a generated client has a type of that name. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A URI that names the code' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'For people: what went wrong here and what to do' }),
    instance: Type.String({ description: 'A URI that names this request' }),
    code: Type.String({ description: 'For programs: it never changes its meaning' }),
    errors: Type.Array(
      Type.Object({
        field: Type.String({
          description: 'A JSON pointer into the body, or the name of a parameter',
        }),
        code: Type.String(),
      }),
    ),
    request_id: Type.String({ description: 'Quote it when you ask for help' }),
  },
  { title: 'Problem', description: 'RFC 9457', additionalProperties: true },
)

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
})

/** What every route may answer besides its own success. */
export const PROBLEMS = {
  '4xx': problem('Refused: the request, or the state that it found'),
  '5xx': problem('A failure of ours, or of what we stand on; try again'),
} as const
