import { openRig, type Rig } from './rig.ts'

/** A few rigs that tests take turns with. */
export type Pool = {
  /** Lends a rig. `isVirgin` asks for one where no worker has run, and opens another when there is none. */
  use(wish: { readonly isVirgin?: boolean }, test: (rig: Rig) => Promise<void>): Promise<void>
  close(): Promise<void>
}

export function openPool(size: number): Pool {
  const free: Rig[] = []
  const all: Rig[] = []
  const waiting: (() => void)[] = []
  let last: Promise<unknown> = Promise.resolve()

  // One after the other, because they are funded from one account with one count of nonces.
  const open = (): Promise<Rig> => {
    const opened = last.then(async () => {
      const rig = await openRig()
      all.push(rig)
      return rig
    })
    last = opened.catch(() => {})
    return opened
  }
  const giveBack = (rig: Rig) => {
    free.push(rig)
    for (const wake of waiting.splice(0)) wake()
  }
  const failures: unknown[] = []
  for (let count = 0; count < size; count++)
    open().then(giveBack, (error: unknown) => {
      failures.push(error)
      for (const wake of waiting.splice(0)) wake()
    })

  const take = async (isVirgin: boolean): Promise<Rig> => {
    for (;;) {
      if (failures.length > 0) throw failures[0]
      const used = free.findIndex((rig) => !rig.isVirgin())
      const virgin = free.findIndex((rig) => rig.isVirgin())
      const at = isVirgin ? virgin : used >= 0 ? used : virgin
      const [rig] = at < 0 ? [] : free.splice(at, 1)
      if (rig !== undefined) return rig
      if (isVirgin && all.length >= size) return open()
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }

  return {
    use: async ({ isVirgin = false }, test) => {
      const rig = await take(isVirgin)
      try {
        await test(rig)
        giveBack(rig)
      } catch (error) {
        // What a failed test leaves behind must not fail the next one.
        open().then(giveBack, (failure: unknown) => failures.push(failure))
        await rig.killWorker()
        if (error instanceof Error) error.message += `\n${rig.output()}`
        throw error
      }
    },
    close: async () => {
      await last
      await Promise.all(all.map((rig) => rig.close()))
    },
  }
}
