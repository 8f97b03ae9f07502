/** Things that are left alone for a while, each from when it was put here. */
export type Aside<Thing> = {
  put(things: readonly Thing[]): void
  has(thing: Thing): boolean
  list(): readonly Thing[]
}

export function openAside<Thing>(
  milliseconds: number,
  clock: () => number = () => performance.now(),
): Aside<Thing> {
  const until = new Map<Thing, number>()
  const forget = () => {
    const now = clock()
    for (const [thing, end] of until) if (now >= end) until.delete(thing)
  }
  return {
    put: (things) => {
      for (const thing of things) until.set(thing, clock() + milliseconds)
    },
    has: (thing) => {
      forget()
      return until.has(thing)
    },
    list: () => {
      forget()
      return [...until.keys()]
    },
  }
}
