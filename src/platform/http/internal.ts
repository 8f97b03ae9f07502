import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type InternalAnswer = {
  readonly status: number
  readonly type: string
  readonly body: string
}

export type InternalServer = { readonly url: string; close(): Promise<void> }

type InternalOptions = {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  /** What each path answers to GET and HEAD; every other path is a 404. */
  readonly routes: Readonly<Record<string, () => Promise<InternalAnswer>>>
  readonly onFailure: (path: string, error: unknown) => void
}

const REQUEST_TIMEOUT_MS = 5_000

/**
 * A bare server for the operator's own network: a few paths to read, no bodies, no keys. It stands beside the public
 * one, so that what strangers may not see has no way to them.
 */
export async function serveInternal(options: InternalOptions): Promise<InternalServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const route = Object.hasOwn(options.routes, path) ? options.routes[path] : undefined
    const send = ({ status, type, body }: InternalAnswer) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
      response.end(request.method === 'HEAD' ? undefined : body)
    }
    request.resume()
    if (route === undefined) return send(text(404, 'not found\n'))
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(text(405, 'only GET\n'))
    void route().then(send, (error: unknown) => {
      options.onFailure(path, error)
      send(text(500, 'failed\n'))
    })
  })
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.listen(options.port, options.host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function text(status: number, body: string): InternalAnswer {
  return { status, type: 'text/plain; charset=utf-8', body }
}
