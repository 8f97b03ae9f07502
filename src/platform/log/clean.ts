import { Secret } from '../../kernel/secret.ts'

const DEPTH_MAX = 6
const ENTRIES_MAX = 50
const TEXT_MAX = 8_192
/** More than is shown, so that a password is not cut in two before it is found. */
const SCAN_MAX = 2 * TEXT_MAX
const CAUSES_MAX = 5

/** `scheme://user:password@host`; also one whose password holds characters that belong escaped. */
const CREDENTIALS = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s"'<>`]{0,1024}@/gi
/** A key in an Authorization header, and the secret of a Standard Webhooks endpoint. */
const KEYS = /\b(bearer\s+|basic\s+|whsec_)[\w+/=.~-]{8,}/gi
/** Fields of foreign objects, such as a client's settings, that no `Secret` guards. */
const GUARDED_FIELD = /^(pass(word|phrase)?|authorization|(set-)?cookie|private_?key)$/i
/** Control characters of the second row and line separators: JSON leaves them as they are, terminals obey them. */
const CONTROLS = /[\u007f-\u009f\u2028\u2029]/g

/** Text as it may stand in a log: without credentials, of bounded length, harmless to a terminal. */
export function cleanText(text: string): string {
  const head = text.slice(0, SCAN_MAX)
  const hidden = head.includes('@') ? head.replace(CREDENTIALS, '$1[secret]@') : head
  const harmless = hidden.replace(KEYS, '$1[secret]').replace(CONTROLS, '\uFFFD')
  return harmless.length > TEXT_MAX ? `${harmless.slice(0, TEXT_MAX)}…` : harmless
}

/**
 * Any value as plain data for a log line. Secrets, bytes and functions give up nothing; errors keep their class, message,
 * code, stack and causes, and no other property, because clients hang requests, headers and settings on them.
 */
export function clean(value: unknown, depth = 0, above: readonly object[] = []): unknown {
  switch (typeof value) {
    case 'string':
      return cleanText(value)
    case 'bigint':
      return value.toString()
    case 'function':
    case 'symbol':
      return `[${typeof value}]`
    case 'number':
    case 'boolean':
    case 'undefined':
      return value
    case 'object':
      return value === null ? null : cleanObject(value, depth, above)
  }
}

function cleanObject(value: object, depth: number, above: readonly object[]): unknown {
  if (value instanceof Secret) return '[secret]'
  if (above.includes(value)) return '[circular]'
  if (depth >= DEPTH_MAX) return '[deep]'
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  const inner = (part: unknown) => clean(part, depth + 1, [...above, value])
  if (value instanceof Error) return cleanError(value, depth, above)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof URL) return cleanText(value.href)
  if (Array.isArray(value)) return cleanList(value, inner)
  if (value instanceof Set) return cleanList([...value], inner)
  if (value instanceof Map) return cleanEntries([...value], inner)
  return cleanEntries(Object.entries(value), inner)
}

function cleanList(values: readonly unknown[], inner: (part: unknown) => unknown): unknown[] {
  const kept = values.slice(0, ENTRIES_MAX).map(inner)
  return values.length > kept.length ? [...kept, `[${values.length - kept.length} more]`] : kept
}

function cleanEntries(
  entries: readonly (readonly [unknown, unknown])[],
  inner: (part: unknown) => unknown,
): Record<string, unknown> {
  const kept = entries.slice(0, ENTRIES_MAX).map(([key, part]) => {
    const name = cleanText(String(key))
    return [name, GUARDED_FIELD.test(name) ? '[secret]' : inner(part)] as const
  })
  return Object.fromEntries(kept)
}

function cleanError(error: Error, depth: number, above: readonly object[]): object {
  const causes = above.filter((parent) => parent instanceof Error).length
  const inner = (part: unknown) => clean(part, depth, [...above, error])
  return {
    type: cleanText(String(error.name)),
    message: cleanText(String(error.message)),
    ...('code' in error && { code: clean(error.code) }),
    ...(typeof error.stack === 'string' && { stack: cleanText(error.stack) }),
    ...(error.cause !== undefined && causes < CAUSES_MAX && { cause: inner(error.cause) }),
    ...(error instanceof AggregateError &&
      causes < CAUSES_MAX && { errors: cleanList(error.errors, inner) }),
  }
}
