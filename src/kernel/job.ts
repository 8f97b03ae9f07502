/** A job is a name, a payload type and its retry rule. It holds no code: entry/jobs binds it to a flow. */
export type Job<Payload> = {
  readonly name: string
  readonly attempts: number
  readonly backoffMs: number
  readonly __payload?: Payload
}

export function defineJob<Payload>(
  name: string,
  retry: { readonly attempts: number; readonly backoffMs: number },
): Job<Payload> {
  return { name, ...retry }
}
