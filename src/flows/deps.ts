import type { Won } from '../kernel/money.ts'
import type { Rounds } from '../kernel/rounds.ts'
import type { Signer } from '../kernel/signer.ts'
import type { Clock } from '../kernel/time.ts'
import type { Chain } from '../platform/chain/chain.ts'
import type { Db } from '../platform/db/db.ts'
import type { Log } from '../platform/log/log.ts'
import type { Poster } from '../platform/net/post.ts'
import type { Tracer } from '../platform/trace/tracer.ts'
import type { Meter } from './meter.ts'

/** Everything outside that a flow may touch. A flow names what it needs with `Pick`. */
export type Deps = {
  readonly db: Db
  readonly chain: Chain
  readonly clock: Clock
  readonly log: Log
  readonly poster: Poster
  readonly meter: Meter
  readonly tracer: Tracer
  /** Loops leave their signs of life here. */
  readonly rounds: Rounds
  /** One per lane. Gateways have none. */
  readonly signers: readonly Signer[]
  /** Which addresses may receive webhooks besides public ones, and whether they must speak TLS. */
  readonly webhookPolicy: { readonly allowCidrs: readonly string[]; readonly requireHttps: boolean }
  readonly limits: SettlementLimits
  /** What a store without a limit of its own may hand over in an hour while the chain is late. 0 is nothing. */
  readonly riskLimit: Won
  /** A number from 0 to 1, for jitter. */
  readonly random: () => number
}

/** What the operator allows the lanes and the watcher. */
export type SettlementLimits = {
  /** Batches of one lane that may wait for a block at once. */
  readonly laneWindow: number
  /** Wei (kei on Kaia) per gas: what a lane pays at most. */
  readonly maxFeePerGas: bigint
  /** Won: a log of more than this is believed when two nodes show it. Undefined: one node is enough for all. */
  readonly agreeAbove: bigint | undefined
}
