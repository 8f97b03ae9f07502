import { type PaymentBacklog, paymentBacklog } from '../domains/payments/backlog-store.ts'
import { type Cursor, readCursor, settlementStream } from '../domains/settlement/chain-store.ts'
import { type LaneState, listLanes } from '../domains/settlement/lane-state-store.ts'
import { laneLease } from '../domains/settlement/lane-store.ts'
import { type DeliveryBacklog, deliveryBacklog } from '../domains/webhooks/backlog-store.ts'
import type { Hex } from '../kernel/hex.ts'
import type { Block } from '../platform/chain/chain.ts'
import { heldLeases } from '../platform/db/leases.ts'
import { outboxBacklog } from '../platform/db/outbox.ts'
import { sql } from '../platform/db/sql.ts'
import type { Deps } from './deps.ts'

/** No statement of a scrape may take longer: whoever pays comes first. */
const STATEMENT_LIMIT_MS = 500

/** What the rows say, all at one moment. */
export type RowState = {
  readonly at: Date
  readonly payments: PaymentBacklog
  readonly deliveries: DeliveryBacklog
  readonly outbox: { readonly depth: number; readonly oldest: Date | undefined }
  readonly lanes: readonly (LaneState & { readonly isLed: boolean })[]
  readonly cursor: Cursor | undefined
}

/** Reads the rows in one read-only snapshot, each statement under a limit of its own. Throws when one takes longer. */
export async function measureRows(deps: Pick<Deps, 'db' | 'chain' | 'clock'>): Promise<RowState> {
  const at = deps.clock.now()
  const { chainId } = deps.chain
  return deps.db.snapshot(async (tx) => {
    await tx.one(sql`select set_config('statement_timeout', ${String(STATEMENT_LIMIT_MS)}, true)`)
    const payments = await paymentBacklog(tx)
    const deliveries = await deliveryBacklog(tx, at)
    const outbox = await outboxBacklog(tx)
    const leases = await heldLeases(tx)
    const lanes = (await listLanes(tx, chainId)).map((lane) => ({
      ...lane,
      isLed: leases.has(laneLease({ chainId, address: lane.address })),
    }))
    const cursor = await readCursor(tx, settlementStream(deps.chain))
    return { at, payments, deliveries, outbox, lanes, cursor }
  })
}

/** What the chain says of itself and of our lanes. */
export type ChainReading = {
  readonly at: Date
  readonly head: Block
  readonly accounts: readonly {
    readonly address: Hex
    readonly nonce: bigint
    /** Wei (kei on Kaia). */
    readonly balance: bigint
  }[]
}

/** Asks the chain for its head and for the accounts of the lanes of this process. Throws when no node answers. */
export async function measureChain(
  deps: Pick<Deps, 'chain' | 'clock' | 'signers'>,
): Promise<ChainReading> {
  const [head, accounts] = await Promise.all([
    deps.chain.head(),
    Promise.all(
      deps.signers.map(async ({ address }) => {
        const [nonce, balance] = await Promise.all([
          deps.chain.nonce(address),
          deps.chain.balance(address),
        ])
        return { address, nonce, balance }
      }),
    ),
  ])
  return { at: deps.clock.now(), head, accounts }
}
