import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Address ranges that a guard lets through although they are not public. */
export type Cidrs = readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[]

/** IANA has given out nothing else for the public IPv6 network. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')
/** The host service of Azure, reachable from every machine there, in a range that is otherwise public. */
const AZURE_HOST = '168.63.129.16'

/** Whether an IP address, as text, is one of the public internet. Text that is no IP address is not. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text)
  if (address === undefined || address.range() !== 'unicast') return false
  if (address instanceof ipaddr.IPv6) return address.match(GLOBAL_IPV6)
  return address.toString() !== AZURE_HOST
}

/** Whether a request may go to this IP address: a public one, or one in the ranges let through. */
export function isAllowedAddress(text: string, allow: Cidrs): boolean {
  return isPublicAddress(text) || isInside(text, allow)
}

function isInside(text: string, ranges: Cidrs): boolean {
  const address = parseAddress(text)
  if (address === undefined) return false
  return ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits))
}

/** Reads ranges such as `127.0.0.0/8`. Throws naming the one that is wrong. */
export function parseCidrs(texts: readonly string[]): Cidrs {
  return texts.map((text) => {
    if (!ipaddr.isValidCIDR(text)) throw new Error(`not an address range: ${text}`)
    return ipaddr.parseCIDR(text)
  })
}

/** An IPv4 address inside IPv6 (`::ffff:a.b.c.d`) is read as IPv4. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  // ipaddr.js also reads `127.1` and `0x7f.1`; those are names to a resolver, not addresses.
  if (isIP(text) === 0) return undefined
  try {
    return ipaddr.process(text)
  } catch {
    return undefined
  }
}
