import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A merchant's backend that takes every webhook and answers 204. */
export type Receiver = {
  readonly url: string
  /** How many requests came. */
  received(): number
  stop(): void
}

export async function openReceiver(): Promise<Receiver> {
  let received = 0
  const server = createServer((request, response) => {
    request.resume()
    request.once('end', () => {
      received += 1
      response.writeHead(204).end()
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    received: () => received,
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
