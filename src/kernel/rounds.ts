/** When each loop of this process last began or ended a round, so that one that hangs can be told. */
export type Rounds = {
  note(loop: string): void
  /** A loop that was stopped hangs no more. */
  forget(loop: string): void
  /** Seconds since the last sign of each loop. */
  ages(): Readonly<Record<string, number>>
}

export function openRounds(clock: () => number = () => performance.now()): Rounds {
  const last = new Map<string, number>()
  return {
    note: (loop) => void last.set(loop, clock()),
    forget: (loop) => void last.delete(loop),
    ages: () => {
      const now = clock()
      return Object.fromEntries([...last].map(([loop, at]) => [loop, (now - at) / 1_000]))
    },
  }
}
