import { Agent, createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands before a node, hands every request on and counts the questions in it: each entry of a batch is one. */
export type RpcCounter = {
  readonly url: string
  /** Questions so far, by method. */
  counts(): ReadonlyMap<string, number>
  total(): number
  stop(): void
}

export async function openRpcCounter(target: string): Promise<RpcCounter> {
  const agent = new Agent({ keepAlive: true })
  const counts = new Map<string, number>()
  const server = createServer((incoming, outgoing) => {
    readBody(incoming)
      .then((body) => {
        for (const method of methodsOf(body)) counts.set(method, (counts.get(method) ?? 0) + 1)
        const headers = { 'content-type': 'application/json', 'content-length': body.length }
        const onward = request(target, { method: 'POST', agent, headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(outgoing)
        })
        onward.once('error', () => outgoing.destroy())
        onward.end(body)
      })
      .catch(() => outgoing.destroy())
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => new Map(counts),
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    stop: () => {
      server.close()
      server.closeAllConnections()
      agent.destroy()
    },
  }
}

function methodsOf(body: Buffer): readonly string[] {
  const asked = JSON.parse(body.toString('utf8')) as { method: string } | { method: string }[]
  return (Array.isArray(asked) ? asked : [asked]).map(({ method }) => method)
}

export async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
