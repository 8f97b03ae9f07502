import { createHash } from 'node:crypto'

/** A stream of numbers that its seed alone decides. */
export type Random = {
  /** From 0 to just below 1. */
  next(): number
  chance(probability: number): boolean
  /** A whole number, both ends included. */
  whole(from: number, to: number): number
  /** Any number between the two. */
  between(from: number, to: number): number
  pick<One>(list: readonly [One, ...One[]]): One
  /** A stream of its own, so that what is drawn there changes nothing here. */
  branch(name: string): Random
}

export function seeded(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  // mulberry32: 32 bits of state are plenty for a plan that people must be able to repeat.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    chance: (probability) => next() < probability,
    whole,
    between: (from, to) => from + next() * (to - from),
    pick: ([first, ...rest]) => [first, ...rest][whole(0, rest.length)] ?? first,
    branch: (name) => seeded(`${seed}/${name}`),
  }
}
