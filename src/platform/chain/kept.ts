/** Answers that are kept for a while, the least recently asked for leaving first when there are too many. */
export type Kept<Key, Value> = {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
}

/** At most `most` answers, each for `milliseconds`. */
export function openKept<Key, Value>(
  most: number,
  milliseconds: number,
  now: () => number = () => performance.now(),
): Kept<Key, Value> {
  const entries = new Map<Key, { readonly value: Value; readonly until: number }>()
  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      if (now() >= entry.until) return undefined
      entries.set(key, entry)
      return entry.value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, { value, until: now() + milliseconds })
      if (entries.size <= most) return
      const [oldest] = entries.keys()
      if (oldest !== undefined) entries.delete(oldest)
    },
  }
}

/** Asks again only when the last answer is older than `milliseconds`. A failure is not kept. */
export function keptFor<Answer>(
  milliseconds: number,
  ask: () => Promise<Answer>,
): () => Promise<Answer> {
  let kept: { readonly answer: Promise<Answer>; readonly until: number } | undefined
  return () => {
    const now = performance.now()
    if (kept === undefined || now >= kept.until) {
      const answer = ask()
      kept = { answer, until: now + milliseconds }
      answer.catch(() => {
        kept = undefined
      })
    }
    return kept.answer
  }
}
