/** What may be wrong with the node while a script runs. */
export type Lie =
  | { readonly kind: 'lags'; readonly blocks: number }
  | { readonly kind: 'hides_logs' }
  | { readonly kind: 'null_receipts' }
  | { readonly kind: 'failed_receipts' }
  | { readonly kind: 'wrong_nonce'; readonly by: number }
  /** It takes what it is sent, and the answer is lost. */
  | { readonly kind: 'cuts' }
  | { readonly kind: 'refuses' }

/** A round of a worker. With `dies_after` it is killed when it asks the outside once more than so often. */
export type Round = {
  readonly does: 'lane' | 'watch' | 'reconcile'
  readonly worker: number
  readonly dies_after?: number
}

/** Something that happens to the world. */
export type Happening =
  | { readonly does: 'confirm'; readonly shopper: number; readonly amount: number }
  | { readonly does: 'block'; readonly count?: number }
  | { readonly does: 'wipe_pool' }
  | { readonly does: 'node'; readonly lie: Lie | null }
  | { readonly does: 'goes_broke'; readonly shopper: number }
  | { readonly does: 'pause' }
  | { readonly does: 'unpause' }
  | { readonly does: 'roll_back'; readonly blocks: number }

/** One step of a recorded trace. Each takes a little more than a second. */
export type Step =
  | Round
  | Happening
  | { readonly does: 'crash'; readonly worker: number }
  | { readonly does: 'wait'; readonly seconds: number }

export type Script = {
  /** Why this trace is kept. */
  readonly shows: string
  readonly shoppers: number
  readonly steps: readonly Step[]
}

/** The rows that count, with numbers from the beginning of the script. */
export type Snapshot = {
  readonly payments: readonly {
    readonly status: string
    readonly reason: string | null
    readonly batch: number | null
    readonly block: number | null
  }[]
  readonly batches: readonly {
    readonly nonce: number
    readonly status: string
    readonly block: number | null
    readonly attempts: number
    readonly payments: number
  }[]
  readonly invoices: readonly string[]
  readonly nextNonce: number | null
  /** Transactions of the lane in blocks. */
  readonly spent: number
  readonly cursor: number | null
  readonly logs: number
  readonly ledger: number
  readonly events: number
}
