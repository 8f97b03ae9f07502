import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { HttpContext } from './context.ts'

/** The pages. */
export function pageRoutes(_context: HttpContext): FastifyPluginAsyncTypebox {
  return async () => {}
}
