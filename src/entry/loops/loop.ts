import type { Deps } from '../../flows/deps.ts'

/** A loop that runs until it is stopped. `wake` makes the next round come at once. */
export type Loop = { wake(): void; stop(): Promise<void> }

const ERROR_PAUSE_MS = 500

/**
 * Runs `round` again and again. It says in how many milliseconds it wants the next one; a failed round is logged and
 * tried again soon, because whatever it left undone stands in the rows.
 */
export function startLoop(
  { log, rounds }: Pick<Deps, 'log' | 'rounds'>,
  name: string,
  round: () => Promise<number>,
): Loop {
  let isStopped = false
  let isAwake = false
  let wakeUp = () => {}

  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
      if (isAwake || isStopped) wakeUp()
    })

  const run = async () => {
    while (!isStopped) {
      isAwake = false
      rounds.note(name)
      const pause = await round().catch((error) => {
        log.warn(`${name} failed and will try again`, { err: error })
        return ERROR_PAUSE_MS
      })
      rounds.note(name)
      await sleep(pause)
    }
    rounds.forget(name)
  }
  const ended = run()

  return {
    wake: () => {
      isAwake = true
      wakeUp()
    },
    stop: async () => {
      isStopped = true
      wakeUp()
      await ended
    },
  }
}
