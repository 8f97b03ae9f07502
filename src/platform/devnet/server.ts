import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { converse } from './dialogue.ts'
import { answer } from './methods.ts'
import type { Parts } from './parts.ts'
import { MAX_REQUEST_BYTES } from './rules.ts'
import { openSubscriptions } from './subscriptions.ts'

const MAX_MESSAGE_BYTES = 32 * 1024 * 1024
/** A client that keeps a connection must not find it closed just when it asks. */
const KEEP_ALIVE_MS = 120_000
const JSON_TYPE = /^application\/json(?:-rpc|request)?\s*(?:;|$)/i

export type DevnetServer = { readonly port: number; close(): Promise<void> }

/** JSON-RPC over HTTP and over WebSocket, on one port. */
export async function serve(parts: Parts, port: number, host: string): Promise<DevnetServer> {
  const server = createServer((request, response) => {
    void serveHttp(parts, request, response).catch(() => response.destroy())
  })
  server.keepAliveTimeout = KEEP_ALIVE_MS
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES })
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (client) => serveSocket(parts, client))
  })
  await listen(server, port, host)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the devnet has no port')
  return {
    port: address.port,
    async close() {
      for (const client of sockets.clients) client.terminate()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function serveHttp(
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request)
  if (request.method !== 'POST') return end(response, request.method === 'GET' ? 200 : 405, '')
  if (body === undefined) return end(response, 413, 'content length too large')
  if (!JSON_TYPE.test(request.headers['content-type'] ?? ''))
    return end(response, 415, 'invalid content type, only application/json is supported')
  let text: string | undefined
  try {
    text = await converse(body, (method, params) => answer(parts, method, params))
  } catch {
    return end(response, 503, 'the node behind the devnet does not answer')
  }
  end(response, 200, text ?? '', 'application/json')
}

function end(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  const length = Buffer.byteLength(text)
  response.writeHead(status, { 'content-type': type, 'content-length': length }).end(text)
}

/** The whole body; undefined when it is longer than Kaia takes. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length <= MAX_REQUEST_BYTES) parts.push(part)
  }
  return length > MAX_REQUEST_BYTES ? undefined : Buffer.concat(parts).toString('utf8')
}

function serveSocket(parts: Parts, client: WebSocket): void {
  const tell = (text: string) => client.send(text)
  const subscriptions = openSubscriptions(parts, tell)
  client.on('message', (message) => {
    void converse(String(message), subscriptions.answer)
      .then((text) => {
        if (text !== undefined) tell(text)
      })
      // A node that is gone is a connection that is gone: the client comes back.
      .catch(() => client.close())
  })
  client.on('close', () => subscriptions.close())
  client.on('error', () => client.terminate())
}
