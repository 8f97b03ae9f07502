/** When the next of something is due that comes at even times, such as blocks. */
export type Beat = {
  /** It came. */
  note(): void
  /** Milliseconds until it is due. Undefined when it is late, came unevenly, or too seldom to tell. */
  dueMs(): number | undefined
}

const REMEMBERED = 5
/** Of gaps that count as even, the longest by the shortest. */
const EVEN = 1.3

export function openBeat(clock: () => number = () => performance.now()): Beat {
  let times: readonly number[] = []
  return {
    note: () => {
      times = [...times, clock()].slice(-REMEMBERED)
    },
    dueMs: () => {
      const [first = 0, last = 0] = [times[0], times.at(-1)]
      if (times.length < REMEMBERED) return undefined
      const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0))
      if (Math.max(...gaps) > EVEN * Math.min(...gaps)) return undefined
      const due = last + (last - first) / gaps.length - clock()
      return due > 0 ? due : undefined
    },
  }
}
