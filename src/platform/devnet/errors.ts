/** An answer with `error`, in the node's own words. */
export class RpcError extends Error {
  readonly code: number
  readonly data: string | undefined

  constructor(code: number, message: string, data?: string) {
    super(message)
    this.name = 'RpcError'
    this.code = code
    this.data = data
  }
}

/** The node behind is not there, or does not answer. */
export class UpstreamDown extends Error {
  override readonly name = 'UpstreamDown'
}

/** What Kaia's pool and its readers answer: code -32000 and a text. */
export function refusal(text: string): RpcError {
  return new RpcError(-32_000, text)
}

export function noSuchMethod(method: string): RpcError {
  return new RpcError(-32_601, `the method ${method} does not exist/is not available`)
}

export function noBlock(number: number): RpcError {
  return refusal(`the header does not exist (block number: ${number})`)
}
