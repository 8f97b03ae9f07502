import type { Api } from './api.ts'
import { type Checkout, isFinal } from './model.ts'

const FIRST_DELAY_MS = 400
const LONGEST_DELAY_MS = 5_000

/** How long to wait before another try: doubled each time, up to five seconds, and spread so that phones do not come back in step. */
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

type Watcher = {
  onCheckout(checkout: Checkout): void
  onReach(isReached: boolean): void
  onRefused(code: string): void
}

/** Follows a bill until nothing can happen to it any more. A phone that wakes up asks at once: its connections slept too. */
export async function watchCheckout(api: Api, watcher: Watcher): Promise<void> {
  let known: Checkout | undefined
  let failures = 0
  let round = new AbortController()
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') round.abort()
  })
  while (known === undefined || !isFinal(known)) {
    round = new AbortController()
    const isSure = known !== undefined && failures === 0
    const answer = await (isSure && known !== undefined
      ? api.waitForCheckout(known.version, round.signal)
      : api.getCheckout(round.signal))
    if (answer.outcome === 'refused') {
      watcher.onRefused(answer.code)
      return
    }
    // Woken up: what was cut off says nothing about the network.
    if (answer.outcome === 'unreachable' && round.signal.aborted) continue
    watcher.onReach(answer.outcome === 'ok')
    if (answer.outcome === 'unreachable') {
      failures++
      await pause(backOffMs(failures, Math.random), round.signal)
      continue
    }
    failures = 0
    if (known !== undefined && answer.value.version < known.version) continue
    known = answer.value
    watcher.onCheckout(known)
  }
}
