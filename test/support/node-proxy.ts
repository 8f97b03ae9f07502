import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Asked = { readonly method: string; readonly params: readonly unknown[] }
/** What becomes of a request: an answer of its own, nothing for ever, or a connection that ends. */
export type Fate =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } }
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }
  | 'hang'
  | 'cut'
/** Decides about one question; undefined lets the node answer. `ask` asks the node itself. */
export type Rule = (
  asked: Asked,
  ask: (method: string, params: readonly unknown[]) => Promise<unknown>,
) => Fate | undefined | Promise<Fate | undefined>

/** A node of whose faults a test disposes: JSON-RPC over HTTP before a real one. */
export type NodeProxy = {
  readonly url: string
  /** Every question since the last look at it, in order. */
  readonly asked: Asked[]
  /** How many HTTP requests came. */
  requests(): number
  /** The header of the last request that says who asks. */
  authorization(): string | undefined
  /** What it does from now on; everything as the real one does when absent. */
  behave(rule?: Rule): void
  /** Ends it; questions are refused a connection. */
  close(): Promise<void>
}

export async function openNodeProxy(target: string): Promise<NodeProxy> {
  const asked: Asked[] = []
  let requests = 0
  let authorization: string | undefined
  let rule: Rule = () => undefined

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests++
    authorization = request.headers.authorization
    const body = JSON.parse(await readBody(request)) as Question | Question[]
    const questions = Array.isArray(body) ? body : [body]
    asked.push(...questions)
    const answers: unknown[] = []
    for (const question of questions) {
      const fate = await rule(question, (method, params) => askNode(target, method, params))
      if (fate === 'hang') return
      if (fate === 'cut') return void response.destroy()
      if (fate !== undefined && 'status' in fate)
        return void response.writeHead(fate.status, fate.headers).end(fate.body ?? '')
      answers.push({
        jsonrpc: '2.0',
        id: question.id,
        ...(fate ?? (await forward(target, question))),
      })
    }
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    requests: () => requests,
    authorization: () => authorization,
    behave: (next = () => undefined) => {
      rule = next
    },
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

type Question = Asked & { readonly id: number }

async function forward(target: string, question: Question): Promise<object> {
  const answer = await fetch(target, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question),
  })
  const { result, error } = (await answer.json()) as { result?: unknown; error?: unknown }
  return error === undefined ? { result } : { error }
}

async function askNode(target: string, method: string, params: readonly unknown[]) {
  const answer = await forward(target, { id: 1, method, params })
  if ('result' in answer) return answer.result
  throw new Error(`${method} was refused`)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
