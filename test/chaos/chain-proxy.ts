import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Exchange, Gate, WorkerProxy } from './exchange.ts'

/** Stands between a worker and a node, and knows the method of each JSON-RPC call. */
export async function openChainProxy(target: string, gate: Gate): Promise<WorkerProxy> {
  const server = createServer((request, response) => {
    pass(target, gate, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function pass(
  target: string,
  gate: Gate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request)
  const call: { method: string; params?: readonly unknown[] } = JSON.parse(body)
  const exchange: Exchange = {
    wire: 'chain',
    connection: Symbol(),
    text: call.method,
    parameters: (call.params ?? []).map((one) => JSON.stringify(one)),
    answer: '',
  }
  if ((await gate.before(exchange)) === 'stop') return
  const answer = await fetch(target, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  exchange.answer = await answer.text()
  if ((await gate.after(exchange)) === 'stop') return
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(exchange.answer)
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
