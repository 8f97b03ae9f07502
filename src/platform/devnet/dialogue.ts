import { RpcError, UpstreamDown } from './errors.ts'
import type { Params } from './parts.ts'

type Id = string | number | null
type Asked = { readonly id: Id; readonly method: string; readonly params: Params }
type Reply = Readonly<Record<string, unknown>>

/** Answers one method; throws RpcError for a refusal, UpstreamDown when nothing can be answered now. */
export type Answer = (method: string, params: Params) => unknown

/** Answers the text of a JSON-RPC request, one question or a batch; undefined where no answer is due. */
export async function converse(text: string, answer: Answer): Promise<string | undefined> {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return JSON.stringify(failure(null, new RpcError(-32_700, 'parse error')))
  }
  if (!Array.isArray(body)) return written(await reply(body, answer))
  const replies = await Promise.all(body.map((entry) => reply(entry, answer)))
  const due = replies.filter((one) => one !== undefined)
  return due.length === 0 ? undefined : JSON.stringify(due)
}

function written(reply: Reply | undefined): string | undefined {
  return reply === undefined ? undefined : JSON.stringify(reply)
}

async function reply(entry: unknown, answer: Answer): Promise<Reply | undefined> {
  const asked = questionOf(entry)
  if (asked === undefined) return failure(null, new RpcError(-32_600, 'invalid request'))
  try {
    const result = await answer(asked.method, asked.params)
    return { jsonrpc: '2.0', id: asked.id, result: result ?? null }
  } catch (error) {
    if (error instanceof UpstreamDown) throw error
    if (error instanceof RpcError) return failure(asked.id, error)
    const text = error instanceof Error ? error.message : String(error)
    return failure(asked.id, new RpcError(-32_603, text))
  }
}

function questionOf(entry: unknown): Asked | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined
  const { id, method, params } = entry as { id?: Id; method?: unknown; params?: unknown }
  if (typeof method !== 'string') return undefined
  return { id: id ?? null, method, params: Array.isArray(params) ? params : [] }
}

function failure(id: Id, { code, message, data }: RpcError): Reply {
  return {
    ...{ jsonrpc: '2.0', id },
    error: { code, message, ...(data === undefined ? {} : { data }) },
  }
}
