import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import { readBody } from '../chain-proxy.ts'
import type { ChainMemory } from './chain-memory.ts'
import type { Counts } from './counts.ts'
import { lie } from './lies.ts'
import type { Random } from './random.ts'
import type { Call, Node, Reply } from './rpc.ts'
import type { Phase } from './weather.ts'

/** A node as the product sees it: the real one, behind whatever the plan puts in between. */
export type FaultyNode = { readonly url: string; readonly wsUrl: string; close(): void }

export type Climate = {
  readonly node: Node
  readonly memory: ChainMemory
  readonly random: Random
  readonly counts: Counts
  /** The weather now. */
  phase(): Phase
  /** While true no raw transaction gets through. */
  isClosedToSends(): boolean
}

type Id = string | number | null
type Asked = Call & { readonly id?: Id }

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024
const SHORTEST_DELAY_MS = 500
const LONGEST_DELAY_MS = 3_000

/** Opens one: HTTP and WebSocket on one port. */
export async function openFaultyNode(climate: Climate): Promise<FaultyNode> {
  const views = openViews(climate)
  const server = createServer((request, response) => {
    serve(climate, views.now, request, response).catch(() => response.destroy())
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES })
  server.on('upgrade', (request, socket, head) => {
    if (climate.phase().weather.refused === 1) return socket.destroy()
    return sockets.handleUpgrade(request, socket, head, (client) =>
      serveSocket(climate, views, client),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    close: () => {
      for (const client of sockets.clients) client.terminate()
      server.close()
      server.closeAllConnections()
    },
  }
}

type Views = { now(): number | undefined; onHead(listen: (view: number) => void): () => void }

/** Which block this node is at: undefined is the true head. */
function openViews({ memory, phase, random }: Climate): Views {
  let stuck: { readonly since: number; readonly at: number } | undefined
  const now = () => {
    const { from, weather } = phase()
    if (!random.chance(weather.behindShare ?? 1)) return undefined
    if (weather.behind !== 'stuck')
      return weather.behind === undefined ? undefined : memory.back(weather.behind)
    if (stuck?.since !== from) stuck = { since: from, at: memory.head() }
    return stuck.at
  }
  return {
    now,
    onHead: (listen) => {
      let last = now() ?? memory.head()
      return memory.onHead((head) => {
        const view = now() ?? head
        if (view <= last) return
        last = view
        listen(view)
      })
    },
  }
}

async function serve(
  climate: Climate,
  view: () => number | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { random, counts } = climate
  const { weather } = climate.phase()
  const draw = (share: number | undefined) => random.chance(share ?? 0)
  const body = await readBody(request)
  if (draw(weather.refused)) {
    counts.add('rpc_refused')
    return void request.socket.destroy()
  }
  if (draw(weather.limited)) {
    counts.add('rpc_limited')
    return void response.writeHead(429, { 'content-type': 'text/plain' }).end('Too Many Requests')
  }
  const isCut = draw(weather.cut)
  const isDelayed = draw(weather.delayed)
  const answer = await converse(climate, view(), body)
  if (isDelayed) {
    counts.add('rpc_delayed')
    await sleep(random.between(SHORTEST_DELAY_MS, LONGEST_DELAY_MS))
  }
  if (isCut) {
    counts.add('rpc_cut')
    return void request.socket.destroy()
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
}

/** Answers the text of a request: one call, or a batch of them. */
async function converse(climate: Climate, view: number | undefined, body: string): Promise<string> {
  const asked: Asked | readonly Asked[] = JSON.parse(body)
  const one = async (call: Asked) => ({
    ...(await lie(climate, view, call)),
    ...{ jsonrpc: '2.0', id: call.id ?? null },
  })
  return JSON.stringify(
    Array.isArray(asked) ? await Promise.all(asked.map(one)) : await one(asked as Asked),
  )
}

/** Calls as over HTTP; heads are told as this node sees them, and a subscriber may lose its connection at any of them. */
function serveSocket(climate: Climate, views: Views, client: WebSocket): void {
  const subscriptions = new Set<string>()
  const send = (message: object) => client.send(JSON.stringify({ jsonrpc: '2.0', ...message }))
  const stop = views.onHead((view) => {
    const { weather } = climate.phase()
    if (subscriptions.size === 0) return
    if (climate.random.chance(weather.refused ?? weather.cut ?? 0)) {
      climate.counts.add('rpc_cut')
      return client.terminate()
    }
    void tellHead(climate, view, subscriptions, send).catch(() => client.terminate())
  })
  const answer = async (call: Asked): Promise<Reply> => {
    if (call.method === 'eth_unsubscribe')
      return { result: subscriptions.delete(String(call.params?.[0])) }
    if (call.method !== 'eth_subscribe') return lie(climate, views.now(), call)
    const id = `0x${subscriptions.size + 1}`
    subscriptions.add(id)
    return { result: id }
  }
  client.on('message', (message) => {
    const call: Asked = JSON.parse(String(message))
    answer(call).then(
      (reply) => send({ ...reply, id: call.id ?? null }),
      () => client.terminate(),
    )
  })
  client.on('close', () => void stop())
  client.on('error', () => client.terminate())
}

async function tellHead(
  { node }: Climate,
  view: number,
  subscriptions: ReadonlySet<string>,
  send: (message: object) => void,
): Promise<void> {
  const number = `0x${view.toString(16)}`
  const result = await node.result<object | null>('eth_getBlockByNumber', [number, false])
  if (result === null) return
  for (const subscription of subscriptions)
    send({ method: 'eth_subscription', params: { subscription, result } })
}
