const FIRST_DELAY_MS = 400
const LONGEST_DELAY_MS = 5_000

/** How long to wait before another try: doubled each time, up to five seconds, and spread so that browsers do not come back in step. */
export function backOffMs(failures: number, random: () => number): number {
  const whole = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1))
  return whole * (0.8 + 0.4 * random())
}

/** Resolves after the time, at once when the browser is back online, or when it is over anyway. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      window.removeEventListener('online', end)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    window.addEventListener('online', end)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
