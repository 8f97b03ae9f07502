import { createHash, randomBytes } from 'node:crypto'
import type { ApiKeyId, MerchantId, TerminalId } from '../../kernel/ids.ts'

/** What a key may do. A terminal key has the first two and acts for its own terminal only. */
export const SCOPES = [
  'invoices:read',
  'invoices:write',
  'statements:read',
  'webhooks:write',
] as const
export type Scope = (typeof SCOPES)[number]
export const TERMINAL_SCOPES: readonly Scope[] = ['invoices:read', 'invoices:write']

/** Who is asking: the merchant of the key and, for a terminal key, the one terminal that it may act for. */
export type Actor = {
  readonly keyId: ApiKeyId
  readonly merchantId: MerchantId
  readonly terminalId: TerminalId | undefined
  readonly scopes: readonly Scope[]
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const RANDOM_DIGITS = 32
const CHECK_DIGITS = 6
const KEY = new RegExp(`^baro_([${ALPHABET}]{${RANDOM_DIGITS}})([${ALPHABET}]{${CHECK_DIGITS}})$`)

function digits(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => ALPHABET[byte % 32]).join('')
}

function checkOf(random: string): string {
  return digits(
    createHash('sha256').update(`baro api key ${random}`).digest().subarray(0, CHECK_DIGITS),
  )
}

/** A new key: 160 random bits and 30 bits of checksum, `baro_` in front so that scanners of leaks know it. */
export function newApiKey(): string {
  const random = digits(randomBytes(RANDOM_DIGITS))
  return `baro_${random}${checkOf(random)}`
}

/** The stored form of a key, or undefined when its checksum says that no such key was ever made. */
export function hashApiKey(key: string): Buffer | undefined {
  const [, random, check] = KEY.exec(key) ?? []
  if (random === undefined || check !== checkOf(random)) return undefined
  return createHash('sha256').update(key).digest()
}
