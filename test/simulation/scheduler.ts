/** A process of the simulation: it can be frozen, killed, and its clocks may be wrong. */
export type Process = {
  readonly name: string
  /** What its wall clock is ahead of the true time, in milliseconds. */
  readonly aheadMs: number
  /** What its steady clock began at. */
  readonly steadyMs: number
  isDead: boolean
  /** The true time at which it runs on. */
  frozenUntil: number
}

type Moment = { readonly at: number; readonly order: number; readonly run: () => void }

/** One question to the outside: what it does there, when, and when the answer comes. */
export type Exchange<T> = {
  /** Runs at one moment, whole. */
  readonly effect: () => T | Promise<T>
  readonly delayMs: number
  readonly answerDelayMs: number
  /** Whether the process must be awake for the effect, as for a transaction of several statements. */
  readonly needsProcess?: boolean
}

/** Virtual time. One thing happens at a time, in an order that depends on the seed alone. */
export type Scheduler = {
  /** True time in milliseconds since the run began. */
  now(): number
  /** Whose code runs at this moment. */
  running(): Process | undefined
  at(time: number, run: () => void): void
  ask<T>(process: Process, exchange: Exchange<T>): Promise<T>
  /** Sleeps; the second part ends it early. */
  sleep(process: Process, milliseconds: number): { readonly over: Promise<void>; wake(): void }
  /** Runs code of a process until it waits for something. */
  start(process: Process, work: () => Promise<void>): void
  /** Runs moments until nothing is left, `isDone` says so, or the time is over. */
  run(until: number, isDone: () => boolean): Promise<void>
}

export function newProcess(name: string, clocks: { aheadMs: number; steadyMs: number }): Process {
  return { name, ...clocks, isDead: false, frozenUntil: 0 }
}

/** Comes after every promise that can go on has gone on: ticks wait for the queue of microtasks to be empty. */
const settled = () => new Promise<void>((resolve) => process.nextTick(resolve))

export function openScheduler(): Scheduler {
  const heap = openHeap()
  let now = 0
  let order = 0
  let running: Process | undefined
  let busy: Promise<unknown> | undefined
  let goesOn = false
  const at = (time: number, run: () => void) =>
    heap.push({ at: Math.max(time, now), order: order++, run })

  /** Runs now, or when a frozen process wakes up, or never for a dead one. */
  const whenAwake = (process: Process, run: () => void) => {
    if (process.isDead) return
    if (process.frozenUntil > now) at(process.frozenUntil, () => whenAwake(process, run))
    else {
      running = process
      goesOn = true
      run()
    }
  }
  const ask = <T>(process: Process, exchange: Exchange<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const act = () => {
        const answer = (deliver: () => void) =>
          at(now + exchange.answerDelayMs, () => whenAwake(process, deliver))
        running = process
        let effect: T | Promise<T>
        try {
          effect = exchange.effect()
        } catch (error) {
          return answer(() => reject(error))
        }
        if (!(effect instanceof Promise)) {
          const value = effect
          return answer(() => resolve(value))
        }
        // A transaction runs to its end within this moment: its statements wait for nothing.
        busy = effect.then(
          (value) => answer(() => resolve(value)),
          (error) => answer(() => reject(error)),
        )
      }
      at(now + exchange.delayMs, () => {
        if (exchange.needsProcess) whenAwake(process, act)
        else act()
      })
    })

  return {
    now: () => now,
    running: () => running,
    at,
    ask,
    sleep: (process, milliseconds) => {
      let wake = () => {}
      const over = new Promise<void>((resolve) => {
        wake = () => whenAwake(process, resolve)
        at(now + milliseconds, wake)
      })
      return { over, wake: () => at(now, wake) }
    },
    start: (process, work) => at(now, () => whenAwake(process, () => void work())),
    run: async (until, isDone) => {
      for (let moment = heap.pop(); moment !== undefined; moment = heap.pop()) {
        if (moment.at > until) break
        now = moment.at
        moment.run()
        if (busy !== undefined) await busy
        busy = undefined
        // Where no process goes on, as after a question that only took effect, nothing has to settle.
        if (goesOn) await settled()
        goesOn = false
        running = undefined
        if (isDone()) break
      }
    },
  }
}

function openHeap() {
  const heap: Moment[] = []
  const isBefore = (a: Moment | undefined, b: Moment | undefined) =>
    a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order))
  const swap = (i: number, j: number) => {
    const [a, b] = [heap[i], heap[j]]
    if (a === undefined || b === undefined) return
    heap[i] = b
    heap[j] = a
  }
  return {
    push: (moment: Moment) => {
      heap.push(moment)
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1
        if (!isBefore(heap[i], heap[parent])) break
        swap(i, parent)
        i = parent
      }
    },
    pop: (): Moment | undefined => {
      const top = heap[0]
      const last = heap.pop()
      if (top === undefined || last === undefined || heap.length === 0) return top
      heap[0] = last
      for (let i = 0; ; ) {
        const left = 2 * i + 1
        const least = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
        if (!isBefore(heap[least], heap[i])) break
        swap(i, least)
        i = least
      }
      return top
    },
  }
}
