const PATIENCE_MS = 1_000

/**
 * Lets many callers share one run of `work`: whoever comes while a run is under way rides in the next one, `most` at a
 * time, and never two that have a word of `apart` in common. Who is alone waits for nobody, and nobody waits for long
 * behind a run that hangs: the next one goes beside it. `work` answers in the order of its items; when it throws, all who
 * rode in it fail.
 */
export function crowd<Item, Answer>(
  most: number,
  work: (items: readonly Item[]) => Promise<readonly Answer[]>,
  apart: (item: Item) => readonly string[] = () => [],
): (item: Item) => Promise<Answer> {
  let waiting: readonly Rider<Item, Answer>[] = []
  /** The run behind which others wait. */
  let leading: symbol | undefined

  const board = () => {
    const words = new Set<string>()
    const riders: Rider<Item, Answer>[] = []
    waiting = waiting.filter((one) => {
      const own = apart(one.item)
      if (riders.length >= most || own.some((word) => words.has(word))) return true
      for (const word of own) words.add(word)
      riders.push(one)
      return false
    })
    return riders
  }
  const next = () => {
    leading = undefined
    if (waiting.length > 0) void run()
  }
  const run = async () => {
    const own = Symbol('run')
    leading = own
    while (leading === own && waiting.length > 0) {
      const hung = setTimeout(next, PATIENCE_MS)
      await ride(board(), work)
      clearTimeout(hung)
    }
    if (leading === own) leading = undefined
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting = [...waiting, { item, resolve, reject }]
      if (leading === undefined) void run()
    })
}

type Rider<Item, Answer> = {
  readonly item: Item
  resolve(answer: Answer): void
  reject(error: unknown): void
}

async function ride<Item, Answer>(
  riders: readonly Rider<Item, Answer>[],
  work: (items: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<void> {
  try {
    const answers = await work(riders.map(({ item }) => item))
    if (answers.length !== riders.length) throw new Error('Not every item was answered')
    for (const [at, answer] of answers.entries()) riders[at]?.resolve(answer)
  } catch (error) {
    for (const rider of riders) rider.reject(error)
  }
}
