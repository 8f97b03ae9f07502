import dns from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { type Cidrs, isAllowedAddress } from './addresses.ts'
import { bareHost } from './webhook-url.ts'

/** Every address of a name. Rejects when there is none. */
export type Resolve = (hostname: string) => Promise<readonly string[]>

export const BLOCKED = 'ERR_BLOCKED_ADDRESS'
export const UNRESOLVED = 'ERR_UNRESOLVED_NAME'

/** The resolver of the machine, hosts file included. */
export const systemResolve: Resolve = async (hostname) => {
  const found = await dns.lookup(hostname, { all: true })
  return found.map(({ address }) => address)
}

/**
 * The addresses that a name leads to, all of them allowed. One that is not spoils the rest: a name that mixes public
 * and private addresses is an attack or a mistake. Throws with code BLOCKED or UNRESOLVED.
 */
export async function vettedAddresses(
  hostname: string,
  resolve: Resolve,
  allow: Cidrs,
): Promise<readonly string[]> {
  const addresses = await resolve(hostname).catch((error: unknown) => {
    throw Object.assign(new Error('the name does not resolve', { cause: error }), {
      code: UNRESOLVED,
    })
  })
  if (addresses.length === 0) {
    throw Object.assign(new Error('the name has no address'), { code: UNRESOLVED })
  }
  if (!addresses.every((address) => isAllowedAddress(address, allow))) {
    throw Object.assign(new Error('the address is not public'), { code: BLOCKED })
  }
  return addresses
}

/** Whether a URL is one that a socket would open without a look-up, to an address that is not allowed. */
export function isBlockedLiteral(url: URL, allow: Cidrs): boolean {
  const host = bareHost(url)
  return isIP(host) !== 0 && !isAllowedAddress(host, allow)
}

/** The look-up of a socket. What it answers is what the socket connects to, so nothing can change in between. */
export function guardedLookup(resolve: Resolve, allow: Cidrs): LookupFunction {
  return (hostname, options, callback) => {
    vettedAddresses(hostname, resolve, allow).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }))
        if (options.all === true) callback(null, found)
        else callback(null, found[0]?.address ?? '', found[0]?.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    )
  }
}
