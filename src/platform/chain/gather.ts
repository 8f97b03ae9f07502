/**
 * Turns many small questions into few large ones: a question goes at once, and those that come within `windowMs` of it
 * go together after that. A failure fails all who asked together.
 */
export function gather<Key extends string, Value>(
  windowMs: number,
  maxKeys: number,
  ask: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value> {
  let open:
    | { readonly keys: Set<Key>; readonly answer: Promise<ReadonlyMap<Key, Value>> }
    | undefined
  let askedAt = Number.NEGATIVE_INFINITY

  const openRound = () => {
    const keys = new Set<Key>()
    const waitMs = Math.max(0, askedAt + windowMs - performance.now())
    const round = {
      keys,
      answer: new Promise<void>((resolve) => setTimeout(resolve, waitMs)).then(() => {
        if (open === round) open = undefined
        askedAt = performance.now()
        return ask([...keys])
      }),
    }
    return round
  }

  return async (key) => {
    if (open === undefined || open.keys.size >= maxKeys) open = openRound()
    const round = open
    round.keys.add(key)
    const value = (await round.answer).get(key)
    if (value === undefined) throw new Error(`No answer for ${key}`)
    return value
  }
}
