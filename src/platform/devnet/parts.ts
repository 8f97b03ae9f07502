import type { Hex } from '../../kernel/hex.ts'
import type { AccountState } from './admission.ts'
import type { Builder } from './builder.ts'
import type { Disguises } from './disguises.ts'
import type { Judge } from './judge.ts'
import type { Pool } from './pool.ts'
import type { Producer } from './producer.ts'
import type { Upstream } from './upstream.ts'

/** What the methods of the devnet work with. */
export type Parts = {
  readonly chainId: number
  readonly upstream: Upstream
  readonly pool: Pool
  readonly producer: Producer
  readonly builder: Builder
  readonly disguises: Disguises
  readonly judge: Judge
  /** An account at the head, asked for once a block. */
  accountOf(address: Hex): Promise<AccountState>
  /** Whoever wants to hear of a transaction as soon as it waits. */
  readonly pendingListeners: Set<(hash: Hex) => void>
}

export type Params = readonly unknown[]
export type Method = (parts: Parts, params: Params) => unknown
