import { Agent, request } from 'node:http'
import { RpcError, UpstreamDown } from './errors.ts'

const ANSWER_LIMIT_MS = 60_000
const CONNECTIONS = 32

export type Question = { readonly method: string; readonly params: readonly unknown[] }
export type Outcome = { readonly result?: unknown; readonly error?: RpcError }
type Answer = {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: string }
}

/** The EVM node that stands behind the devnet. */
export type Upstream = {
  /** One question; throws RpcError when the node refuses, UpstreamDown when it does not answer. */
  ask<Result>(method: string, params?: readonly unknown[]): Promise<Result>
  /** Many questions in one request; each has its own outcome. */
  askAll(questions: readonly Question[]): Promise<readonly Outcome[]>
  /** One question, answered with the text of the whole response. */
  askText(method: string, params: readonly unknown[]): Promise<string>
  close(): void
}

export function openUpstream(url: string): Upstream {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })

  function post(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new UpstreamDown(error.message))
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }
      const asked = request(
        url,
        { method: 'POST', agent, headers, timeout: ANSWER_LIMIT_MS },
        (response) => {
          const parts: Buffer[] = []
          response.on('data', (part: Buffer) => parts.push(part))
          response.once('error', fail)
          response.once('end', () => resolve(Buffer.concat(parts).toString('utf8')))
        },
      )
      asked.once('error', fail)
      asked.once('timeout', () => asked.destroy(new Error('no answer in time')))
      asked.end(body)
    })
  }

  const askText = (method: string, params: readonly unknown[]) =>
    post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
  return {
    askText,
    async ask(method, params = []) {
      return resultOf(await askText(method, params)) as never
    },
    async askAll(questions) {
      if (questions.length === 0) return []
      const batch = questions.map((question, id) => ({ jsonrpc: '2.0', id, ...question }))
      const answers = JSON.parse(await post(JSON.stringify(batch))) as readonly Answer[]
      const byId = new Map(answers.map((answer) => [answer.id, outcomeOf(answer)]))
      return questions.map(
        (_, id) => byId.get(id) ?? { error: new RpcError(-32_603, 'no answer to this question') },
      )
    },
    close: () => agent.destroy(),
  }
}

/** What a response's text says; throws its error. */
export function resultOf(text: string): unknown {
  const { result, error } = outcomeOf(JSON.parse(text) as Answer)
  if (error !== undefined) throw error
  return result
}

function outcomeOf({ result, error }: Answer): Outcome {
  if (error === undefined) return { result }
  return { error: new RpcError(error.code, error.message, error.data) }
}
