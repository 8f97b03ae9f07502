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
  pattern: `^(${PAY_CODE_PATTERN}|${PAY_CODE_PATTERN.replaceAll('A-HJKMNP-TV-Z', 'a-hjkmnp-tv-z')})$`,
  description: 'The code that the QR symbol carries',
})
/** Text without control characters, which would break a receipt, a log or a table. */
export const PlainText = (maxLength: number, description: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^[^\\u0000-\\u001f\\u007f\\u202a-\\u202e\\u2066-\\u2069]*$',
    description,
  })

export const idOf = <Prefix extends string>(prefix: Prefix) =>
  Type.Unsafe<Id<Prefix>>(Type.String({ pattern: `^${prefix}_${ID_PATTERN}$` }))

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
    code: Type.String(),
    errors: Type.Array(Type.Object({ field: Type.String(), code: Type.String() })),
    request_id: Type.String(),
  },
  { title: 'Problem', description: 'RFC 9457', additionalProperties: true },
)

/** What every route may answer besides its own success. */
export const PROBLEMS = { '4xx': Problem, '5xx': Problem } as const
