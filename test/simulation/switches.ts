import type { RowSwitches } from './rows/rows.ts'

/** Each safety of the engine. A test takes one away to see that the rules notice. */
export type Switches = RowSwitches & {
  /** The journal is committed before the first byte leaves. */
  readonly journalFirst: boolean
  /** A lane looks by itself, whatever became of the job. */
  readonly ownLook: boolean
  /** The logs are read from a few blocks before the cursor. */
  readonly overlap: boolean
  /** Logs that are known to be missing are read once more. */
  readonly rereading: boolean
  /** A large log counts when two nodes show it. */
  readonly agreement: boolean
}

export const EVERY_SAFETY: Switches = {
  oneLive: true,
  invoiceTakenOnce: true,
  leaseEpoch: true,
  gapFill: true,
  feeBump: true,
  journalFirst: true,
  ownLook: true,
  overlap: true,
  rereading: true,
  agreement: true,
}
