import { RpcError, UpstreamDown } from './errors.ts'
import type { Params } from './parts.ts'

type Id = string | number | null
/** A question without an id is a notification: it is answered by nothing, whatever became of it. */
type Asked = { readonly id: Id | undefined; readonly method: string; readonly params: Params }
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
  if (body.length === 0) return JSON.stringify(failure(null, new RpcError(-32_600, 'empty batch')))
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
  const { id, method, params } = asked
  try {
    const result = await answer(method, params)
    return id === undefined ? undefined : { jsonrpc: '2.0', id, result: result ?? null }
  } catch (error) {
    if (error instanceof UpstreamDown) throw error
    if (id === undefined) return undefined
    if (error instanceof RpcError) return failure(id, error)
    const text = error instanceof Error ? error.message : String(error)
    return failure(id, new RpcError(-32_603, text))
  }
}

function questionOf(entry: unknown): Asked | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined
  const { id, method, params } = entry as { id?: Id; method?: unknown; params?: unknown }
  if (typeof method !== 'string') return undefined
  return { id, method, params: Array.isArray(params) ? params : [] }
}

function failure(id: Id, { code, message, data }: RpcError): Reply {
  return {
    ...{ jsonrpc: '2.0', id },
    error: { code, message, ...(data === undefined ? {} : { data }) },
  }
}
