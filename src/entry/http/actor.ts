import type { FastifyRequest } from 'fastify'
import { type Actor, hashApiKey, type Scope } from '../../domains/merchants/api-key.ts'
import { findActor } from '../../domains/merchants/store.ts'
import type { Deps } from '../../flows/deps.ts'
import { Fault } from '../../kernel/errors.ts'

// Keyed by the request itself, so an entry lives exactly as long as its request.
const actors = new WeakMap<FastifyRequest, Actor>()

/**
 * A hook that lets in only live keys with this scope (RFC 6750, section 2.1). It runs before the body is read.
 * Throws `unauthorised`, without a query when the checksum of the key is wrong, and `forbidden`.
 */
export function requireScope(deps: Pick<Deps, 'db'>, scope: Scope) {
  return async (request: FastifyRequest): Promise<void> => {
    const [, key] = /^Bearer ([^\s]+)$/i.exec(request.headers.authorization ?? '') ?? []
    const sha256 = key === undefined ? undefined : hashApiKey(key)
    const actor = sha256 === undefined ? undefined : await findActor(deps.db, sha256)
    if (actor === undefined)
      throw new Fault('unauthorised', 'Send a key as `Authorization: Bearer baro_…`')
    if (!actor.scopes.includes(scope)) throw new Fault('forbidden', `This key lacks ${scope}`)
    actors.set(request, actor)
  }
}

/** Who is asking, after `requireScope` let the request in. */
export function actorOf(request: FastifyRequest): Actor {
  const actor = actors.get(request)
  if (actor === undefined)
    throw new Fault('internal', 'A route without requireScope asked who is there')
  return actor
}
