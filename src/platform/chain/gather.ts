/** Turns many small questions that come within `windowMs` into one large one. A failure fails all who asked. */
export function gather<Key extends string, Value>(
  windowMs: number,
  maxKeys: number,
  ask: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value> {
  let open:
    | { readonly keys: Set<Key>; readonly answer: Promise<ReadonlyMap<Key, Value>> }
    | undefined

  const openRound = () => {
    const keys = new Set<Key>()
    const round = {
      keys,
      answer: new Promise<void>((resolve) => setTimeout(resolve, windowMs)).then(() => {
        if (open === round) open = undefined
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
