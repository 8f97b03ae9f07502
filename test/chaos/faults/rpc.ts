import { Agent, request } from 'node:http'

export type Call = { readonly method: string; readonly params?: readonly unknown[] }
export type Reply = {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** The node itself, asked without any proxy in between. */
export type Node = {
  readonly url: string
  ask(call: Call): Promise<Reply>
  /** The answer itself. Throws the node's words when it refuses. */
  result<Result>(method: string, params?: readonly unknown[]): Promise<Result>
  close(): void
}

export function openNode(url: string): Node {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const post = (body: string) =>
    new Promise<string>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' }
      const asked = request(url, { method: 'POST', agent, headers }, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.once('error', reject)
        response.once('end', () => resolve(Buffer.concat(parts).toString()))
      })
      asked.once('error', reject)
      asked.end(body)
    })
  const ask = async ({ method, params = [] }: Call): Promise<Reply> =>
    JSON.parse(await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })))
  return {
    url,
    ask,
    result: async (method, params = []) => {
      const { result, error } = await ask({ method, params })
      if (error !== undefined) throw new Error(`${method}: ${error.message}`)
      return result as never
    },
    close: () => agent.destroy(),
  }
}
