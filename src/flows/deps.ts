import type { Signer } from '../kernel/signer.ts'
import type { Clock } from '../kernel/time.ts'
import type { Chain } from '../platform/chain/chain.ts'
import type { Db } from '../platform/db/db.ts'
import type { Log } from '../platform/log/log.ts'
import type { Poster } from '../platform/net/post.ts'

/** Everything outside that a flow may touch. A flow names what it needs with `Pick`. */
export type Deps = {
  readonly db: Db
  readonly chain: Chain
  readonly clock: Clock
  readonly log: Log
  readonly poster: Poster
  /** One per lane. Gateways have none. */
  readonly signers: readonly Signer[]
  /** Which addresses may receive webhooks besides public ones, and whether they must speak TLS. */
  readonly webhookPolicy: { readonly allowCidrs: readonly string[]; readonly requireHttps: boolean }
  /** A number from 0 to 1, for jitter. */
  readonly random: () => number
}
