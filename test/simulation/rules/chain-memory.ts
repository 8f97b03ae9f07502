import type { Hex } from '../../../src/kernel/hex.ts'
import type { SettlementEvent } from '../../../src/platform/chain/logs.ts'
import type { ModelBlock } from '../chain/model.ts'

type Paid = Extract<SettlementEvent, { kind: 'paid' }>

/** What the chain has ever shown, kept beside the model: a rolled-back log was true once. */
export type ChainMemory = {
  mined(block: ModelBlock): void
  /** Forgets, of what stands, everything above a block. */
  rolledBack(head: bigint): void
  /** `Paid` logs of an invoice that stand now. */
  paid(invoice: Hex): readonly Paid[]
  everPaid(invoice: Hex): readonly Paid[]
  /** Whether a log like this was ever in a block. */
  wasThere(txHash: Hex, logIndex: number): boolean
  /** Settlement logs that stand now. */
  standing(): readonly SettlementEvent[]
  /** Whether a block was ever taken back. */
  hasRolledBack(): boolean
}

export function openChainMemory(): ChainMemory {
  const ever = new Set<string>()
  const everPaid = new Map<Hex, Paid[]>()
  let standing: SettlementEvent[] = []
  let paid = new Map<Hex, Paid[]>()
  let hasRolledBack = false
  const note = (map: Map<Hex, Paid[]>, log: SettlementEvent) => {
    if (log.kind !== 'paid') return
    const known = map.get(log.invoice)
    if (known === undefined) map.set(log.invoice, [log])
    else known.push(log)
  }
  return {
    mined: ({ transactions }) => {
      for (const log of transactions.flatMap((one) => one.logs)) {
        ever.add(`${log.txHash}:${log.logIndex}`)
        standing.push(log)
        note(paid, log)
        note(everPaid, log)
      }
    },
    rolledBack: (head) => {
      hasRolledBack = true
      standing = standing.filter((log) => log.blockNumber <= head)
      paid = new Map()
      for (const log of standing) note(paid, log)
    },
    paid: (invoice) => paid.get(invoice) ?? [],
    everPaid: (invoice) => everPaid.get(invoice) ?? [],
    wasThere: (txHash, logIndex) => ever.has(`${txHash}:${logIndex}`),
    standing: () => standing,
    hasRolledBack: () => hasRolledBack,
  }
}
