import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readBody } from './chain-proxy.ts'
import type { Gate } from './exchange.ts'

export type Delivery = { readonly headers: Readonly<Record<string, string>>; readonly body: string }

/** A merchant's server: it takes every webhook and answers 204, unless the worker dies before or after. */
export type Merchant = {
  readonly url: string
  readonly deliveries: readonly Delivery[]
  close(): void
}

/** `gate` is asked at each request, because the worker behind it changes. */
export async function openMerchant(gate: () => Gate): Promise<Merchant> {
  const deliveries: Delivery[] = []
  const server = createServer((request, response) => {
    const take = async () => {
      const body = await readBody(request)
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      )
      const { before, after } = gate()
      const exchange = {
        wire: 'merchant' as const,
        connection: Symbol(),
        text: 'POST',
        parameters: [body],
        answer: '',
      }
      if ((await before(exchange)) === 'stop') return response.destroy()
      deliveries.push({ headers, body })
      if ((await after(exchange)) === 'stop') return response.destroy()
      return response.writeHead(204).end()
    }
    take().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    deliveries,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
