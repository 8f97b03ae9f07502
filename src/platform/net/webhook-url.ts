import { isIP } from 'node:net'
import { isAllowedAddress, parseCidrs } from './addresses.ts'

export type UrlFault =
  | 'malformed'
  | 'too_long'
  | 'scheme'
  | 'credentials'
  | 'fragment'
  | 'port'
  | 'private_name'
  | 'blocked_address'

type UrlRules = {
  /** Networks that are not public and yet allowed, such as `127.0.0.0/8`. */
  readonly allowCidrs: readonly string[]
  /** Live mode: https only, on port 443 or 8443. */
  readonly requireHttps: boolean
}

const HTTPS_PORTS = ['', '8443']
const URL_MAX_LENGTH = 2_048
/** Names that resolve on the machine or in its own network and nowhere else. */
const PRIVATE_SUFFIXES = ['localhost', 'internal', 'local', 'home.arpa', 'intranet', 'lan']

/**
 * Why a URL may not be registered to receive requests, or undefined when it may. Judges the text alone, without a
 * look-up; where its name leads is judged anew at each request.
 */
export function checkWebhookUrl(text: string, rules: UrlRules): UrlFault | undefined {
  if (text.length > URL_MAX_LENGTH) return 'too_long'
  if (!URL.canParse(text)) return 'malformed'
  const url = new URL(text)
  if (url.protocol !== 'https:' && (rules.requireHttps || url.protocol !== 'http:')) return 'scheme'
  if (url.username !== '' || url.password !== '') return 'credentials'
  if (url.hash !== '' || text.includes('#')) return 'fragment'
  if (rules.requireHttps && !HTTPS_PORTS.includes(url.port)) return 'port'
  const host = bareHost(url)
  if (isIP(host) !== 0) {
    return isAllowedAddress(host, parseCidrs(rules.allowCidrs)) ? undefined : 'blocked_address'
  }
  // Whoever lets a private network through has names of its own there.
  return rules.allowCidrs.length === 0 && isPrivateName(host) ? 'private_name' : undefined
}

/** The host without the brackets of an IPv6 literal. The URL parser has folded the odd spellings of IPv4. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

function isPrivateName(host: string): boolean {
  const name = host.replace(/\.+$/, '').toLowerCase()
  if (!name.includes('.')) return true
  return PRIVATE_SUFFIXES.some((suffix) => name.endsWith(`.${suffix}`))
}
