import { SECOND_MS } from '../../kernel/time.ts'

/** `live`: blocks come. `slow`: the newest is late. `halted`: none came for a minute, or no node has told of one. */
export const CHAIN_STATES = ['live', 'slow', 'halted'] as const
export type ChainState = (typeof CHAIN_STATES)[number]

/** Kaia makes a block every second: ten without one is trouble, and not yet a halt. */
export const SLOW_SECONDS = 10
export const HALTED_SECONDS = 60

/** The state of the chain at `now` by the time of the newest block that anyone saw; undefined when nobody saw one. */
export function chainStateAt(newestBlock: Date | undefined, now: Date): ChainState {
  if (newestBlock === undefined) return 'halted'
  const ageMs = now.getTime() - newestBlock.getTime()
  if (ageMs > HALTED_SECONDS * SECOND_MS) return 'halted'
  return ageMs > SLOW_SECONDS * SECOND_MS ? 'slow' : 'live'
}
