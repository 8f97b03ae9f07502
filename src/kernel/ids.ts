/** Prefixed, time-ordered ids: `inv_01k9…`. The brand keeps an invoice id out of a payment parameter. */
export type Id<Prefix extends string> = `${Prefix}_${string}`

export type MerchantId = Id<'mer'>
export type StoreId = Id<'sto'>
export type TerminalId = Id<'ter'>
export type ApiKeyId = Id<'key'>
export type InvoiceId = Id<'inv'>
export type PaymentId = Id<'pay'>
export type BatchId = Id<'bat'>
export type EndpointId = Id<'whe'>
export type EventId = Id<'evt'>

/** Crockford's base 32: no i, l, o or u, so that a person can read a code aloud. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_DIGITS = 10
const RANDOM_DIGITS = 26

export const ID_PATTERN = `[0-9a-hjkmnp-tv-z]{${TIME_DIGITS + RANDOM_DIGITS}}`
/** In any case, also a mixed one. */
export const PAY_CODE_PATTERN = '[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}'

function randomDigits(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_DIGITS))
  return Array.from(bytes, (byte) => ALPHABET[byte % 32]).join('')
}

/** A new id: ten digits of milliseconds, so that ids sort by time, and 130 random bits. */
export function newId<Prefix extends string>(prefix: Prefix, at: Date): Id<Prefix> {
  let time = ''
  for (let rest = at.getTime(), digit = 0; digit < TIME_DIGITS; digit++) {
    time = ALPHABET[rest % 32] + time
    rest = Math.floor(rest / 32)
  }
  return `${prefix}_${time}${randomDigits()}`
}

/** A new pay code: 26 upper-case digits (130 bits), unrelated to any id, so that a QR code reveals nothing else. */
export function newPayCode(): string {
  return randomDigits().toUpperCase()
}

/** The stored form of a pay code that a person or a keyboard in another mode may have changed the case of. */
export function normalPayCode(text: string): string {
  return text.toUpperCase()
}
