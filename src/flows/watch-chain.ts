import { type ChainState, chainStateAt, SLOW_SECONDS } from '../domains/settlement/chain-state.ts'
import { readCursor, settlementStream } from '../domains/settlement/chain-store.ts'
import { SECOND_MS } from '../kernel/time.ts'
import type { Log, LogFields } from '../platform/log/log.ts'
import type { Deps } from './deps.ts'

/** However many ask, nodes and rows are looked at this often. */
const LOOK_MS = SECOND_MS
/** Nobody waits longer than this for nodes that do not answer: what is known is told then. */
const WAIT_MS = 250
/** Who has not looked for so long knows too little to say that no block comes, and waits for the look. */
const RECENT_MS = SLOW_SECONDS * SECOND_MS
const LONGEST_WAIT_MS = 5_000

/** What one process knows of the chain. Open one a process and share it. */
export type ChainWatch = {
  /**
   * The state by the newest block that this process's nodes or any worker saw. `seen` is the time of a block that the
   * caller knows of: an answer with a fresh settlement in it must not say that no block comes. Never throws.
   */
  state(seen?: Date): Promise<ChainState>
}

/**
 * Looks at the head of the nodes and at the cursor that the workers advance, and goes by the newer one: without workers
 * the nodes tell, and without nodes of its own a process hears of blocks from the rows. Where nobody asks, nothing is
 * looked at. Every change of the state is one line in the log.
 */
export function openChainWatch(deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'log'>): ChainWatch {
  let newest: Date | undefined
  let last: ChainState = 'live'
  let look: Promise<void> | undefined
  let lookedAt = Number.NEGATIVE_INFINITY

  const note = (time: Date | undefined) => {
    if (time !== undefined && (newest === undefined || time > newest)) newest = time
  }
  const lookOnce = async () => {
    // Neither waits for the other, and silence of either is no news: the blocks that are known grow old by themselves.
    await Promise.allSettled([
      deps.chain.head().then((head) => note(head.time)),
      readCursor(deps.db, settlementStream(deps.chain)).then((cursor) => note(cursor?.blockTime)),
    ])
    lookedAt = performance.now()
    look = undefined
  }

  return {
    state: async (seen) => {
      note(seen)
      const sinceMs = performance.now() - lookedAt
      if (look === undefined && sinceMs >= LOOK_MS) look = lookOnce()
      if (look !== undefined) await atMost(sinceMs < RECENT_MS ? WAIT_MS : LONGEST_WAIT_MS, look)
      const state = chainStateAt(newest, deps.clock.now())
      if (state !== last) tell(deps.log, state, { before: last, newestBlock: newest })
      last = state
      return state
    },
  }
}

function tell(log: Log, state: ChainState, fields: LogFields): void {
  switch (state) {
    case 'live':
      log.info('the chain goes on', fields)
      break
    case 'slow':
      log.warn('the chain is late: no block for ten seconds', fields)
      break
    case 'halted':
      log.error('the chain stands still: no block for a minute', fields)
      break
  }
}

async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([work, limit])
  clearTimeout(timer)
}
