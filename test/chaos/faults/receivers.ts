import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import { readBody } from '../chain-proxy.ts'
import type { Counts } from './counts.ts'
import type { Random } from './random.ts'

/** One request of Baro to a merchant's server. */
export type Heard = {
  readonly id: string
  readonly attempt: number
  readonly body: string
  readonly isVerified: boolean
  /** Whether the server took it; one that reset the connection afterwards took it too, but Baro cannot know. */
  readonly isTaken: boolean
  readonly at: Date
}

/** A merchant's server: fails first attempts, so that the first retry, five seconds later, mends it. */
export type Receiver = {
  readonly url: string
  readonly heard: readonly Heard[]
  /** Verifies what comes from now on with this secret. */
  trust(secret: string): void
  /** Listens no more for so long. */
  shut(seconds: number): Promise<void>
  heal(): void
  close(): void
}

const FAIL_SHARE = 0.06
const HANG_SHARE = 0.02
const RESET_SHARE = 0.05
const MOVED_SHARE = 0.02

type Deed = 'take' | 'fail' | 'hang' | 'reset' | 'move'

export async function openReceiver(random: Random, counts: Counts): Promise<Receiver> {
  const heard: Heard[] = []
  let verifier: Webhook | undefined
  let isHealed = false

  const choose = (attempt: number): Deed => {
    if (isHealed || attempt > 1) return 'take'
    const drawn = random.next()
    if (drawn < FAIL_SHARE) return 'fail'
    if (drawn < FAIL_SHARE + HANG_SHARE) return 'hang'
    if (drawn < FAIL_SHARE + HANG_SHARE + RESET_SHARE) return 'reset'
    return drawn < FAIL_SHARE + HANG_SHARE + RESET_SHARE + MOVED_SHARE ? 'move' : 'take'
  }
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request)
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    const attempt = Number(headers['webhook-attempt'] ?? 1)
    const deed = choose(attempt)
    heard.push({
      ...{ id: headers['webhook-id'] ?? '', attempt, body, at: new Date() },
      isVerified: verifies(verifier, body, headers),
      isTaken: deed === 'take' || deed === 'reset',
    })
    if (deed !== 'take') counts.add('webhook_faults')
    if (deed === 'take') response.writeHead(204).end()
    if (deed === 'fail') response.writeHead(500).end('no')
    if (deed === 'move') response.writeHead(301, { location: '/elsewhere' }).end()
    if (deed === 'reset') request.socket.destroy()
  }
  const open = async (port: number): Promise<Server> => {
    const server = createServer((request, response) => {
      take(request, response).catch(() => response.destroy())
    }).listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  const end = (server: Server) => {
    server.close()
    server.closeAllConnections()
  }
  let server = await open(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    heard,
    trust: (secret) => {
      verifier = new Webhook(secret)
    },
    shut: async (seconds) => {
      end(server)
      counts.add('endpoint_outages')
      await sleep(seconds * 1_000)
      server = await open(port)
    },
    heal: () => {
      isHealed = true
    },
    close: () => end(server),
  }
}

/** What the Standard Webhooks library says, which is not ours. */
function verifies(
  verifier: Webhook | undefined,
  body: string,
  headers: Readonly<Record<string, string>>,
): boolean {
  try {
    verifier?.verify(body, { ...headers })
    return verifier !== undefined
  } catch {
    return false
  }
}
