/**
 * One question of the worker and its answer, whatever the wire: a statement to PostgreSQL, a JSON-RPC call to the
 * chain, a webhook.
 */
export type Exchange = {
  readonly wire: 'database' | 'queue' | 'chain' | 'merchant'
  /** Which connection carried it: statements of one transaction have the same. */
  readonly connection: symbol
  /** The statement in one line, or the method. */
  readonly text: string
  /** What was bound to it. */
  readonly parameters: readonly string[]
  /** The bytes of the answer as text, once it is there. */
  answer: string
}

/**
 * Sees every exchange twice: before it goes out, and when its answer has come but the worker does not have it yet.
 * What is not let through never arrives.
 */
export type Gate = {
  before(exchange: Exchange): Promise<'pass' | 'stop'>
  after(exchange: Exchange): Promise<'pass' | 'stop'>
}

/** A proxy of one worker. `cut` ends all its connections at once, both ways, and takes no new ones. */
export type WorkerProxy = { readonly port: number; cut(): void }
