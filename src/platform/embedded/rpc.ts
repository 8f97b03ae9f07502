const ANSWER_LIMIT_MS = 10_000

/** One JSON-RPC question to a node; throws with its error text, or when it does not answer in time. */
export async function askNode(
  url: string,
  method: string,
  params: readonly unknown[] = [],
  limitMs = ANSWER_LIMIT_MS,
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(limitMs),
  })
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } }
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`)
  return answer.result
}
