import type { Scheduler } from './scheduler.ts'

/**
 * Lets `performance.now()` be the steady clock of whichever simulated process runs, while `work` lasts. Nothing else of
 * this thread runs meanwhile: a simulation never waits for the real world.
 */
export async function onVirtualClock<T>(scheduler: Scheduler, work: () => Promise<T>): Promise<T> {
  const own = Object.getOwnPropertyDescriptor(performance, 'now')
  performance.now = () => scheduler.now() + (scheduler.running()?.steadyMs ?? 0)
  // Faults are thrown by the thousand, and nobody reads where.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return await work()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    if (own === undefined) Reflect.deleteProperty(performance, 'now')
    else Object.defineProperty(performance, 'now', own)
  }
}
