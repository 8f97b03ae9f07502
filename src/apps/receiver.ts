import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

/** A webhook as the demo merchant's backend got it, and whether its signature holds. */
export type Received = {
  readonly id: string
  readonly type: string
  readonly isVerified: boolean
  readonly aggregateId: string
  readonly at: number
}

export type Receiver = {
  readonly url: string
  /** The event of this type about this object, as soon as it is here. */
  waitFor(type: string, aggregateId: string): Promise<Received>
  stop(): Promise<void>
}

const BODY_LIMIT = 64 * 1024
const KEPT = 200
const WAIT_LIMIT_MS = 30_000

/** The demo merchant's backend: verifies every webhook with the Standard Webhooks library and answers 204 or 401. */
export async function startReceiver(webhookSecret: string): Promise<Receiver> {
  const verifier = new Webhook(webhookSecret)
  const received: Received[] = []
  const waiters = new Set<() => void>()
  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => {
        const one = receive(verifier, request, body)
        received.push(one)
        if (received.length > KEPT) received.shift()
        for (const wake of waiters) wake()
        response.writeHead(one.isVerified ? 204 : 401).end()
      },
      () => response.writeHead(400).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    waitFor: (type, aggregateId) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = received.find((one) => one.type === type && one.aggregateId === aggregateId)
          if (found === undefined) return
          end()
          resolve(found)
        }
        const end = () => {
          clearTimeout(deadline)
          waiters.delete(look)
        }
        const deadline = setTimeout(() => {
          end()
          reject(new Error(`No webhook ${type} about ${aggregateId} came within half a minute`))
        }, WAIT_LIMIT_MS)
        waiters.add(look)
        look()
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > BODY_LIMIT) throw new Error('too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function receive(verifier: Webhook, request: IncomingMessage, body: string): Received {
  const header = (name: string) => String(request.headers[name] ?? '')
  const event = parse(body)
  return {
    id: header('webhook-id'),
    type: event.type,
    aggregateId: event.aggregateId,
    isVerified: verifies(verifier, body, header),
    at: performance.now(),
  }
}

function verifies(verifier: Webhook, body: string, header: (name: string) => string): boolean {
  try {
    verifier.verify(body, {
      'webhook-id': header('webhook-id'),
      'webhook-timestamp': header('webhook-timestamp'),
      'webhook-signature': header('webhook-signature'),
    })
    return true
  } catch {
    return false
  }
}

function parse(body: string): { type: string; aggregateId: string } {
  try {
    const event = JSON.parse(body)
    return { type: String(event.type), aggregateId: String(event.data?.object?.id) }
  } catch {
    return { type: 'unreadable', aggregateId: '' }
  }
}
