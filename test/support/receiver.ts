import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from './until.ts'

export type Received = {
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A merchant's server on loopback: keeps what comes and answers as told. */
export type Receiver = {
  readonly url: string
  readonly received: readonly Received[]
  /** From now on: a status, or whatever is done with the response, such as nothing at all. */
  answer(next: number | ((response: ServerResponse) => void)): void
  waitFor(count: number): Promise<readonly Received[]>
  close(): Promise<void>
}

export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = []
  let answering: (response: ServerResponse) => void = (response) => response.end()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    received.push({
      id: headers['webhook-id'] ?? '',
      headers,
      body: Buffer.concat(chunks).toString('utf8'),
    })
    answering(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer: (next) => {
      answering =
        typeof next === 'function'
          ? next
          : (response) => {
              response.statusCode = next
              response.end()
            }
    },
    waitFor: (count) =>
      until(`${count} requests at the receiver`, async () => received.length >= count && received),
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
