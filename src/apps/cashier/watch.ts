import type { Answer, Api } from './api.ts'
import { type Invoice, isFinal } from './model.ts'

const FIRST_DELAY_MS = 400
const LONGEST_DELAY_MS = 5_000

/** How long to wait before another try: doubled each time, up to five seconds, and spread so that tills do not come back in step. */
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

/** Asks until there is an answer that can be trusted, or undefined when it is stopped. Tells after each try whether the gateway was there. */
export async function askUntilAnswered<Value>(
  ask: () => Promise<Answer<Value>>,
  onReach: (isReached: boolean) => void,
  signal: AbortSignal,
): Promise<Exclude<Answer<Value>, { readonly outcome: 'unreachable' }> | undefined> {
  for (let failures = 0; !signal.aborted; ) {
    const answer = await ask()
    if (signal.aborted) return undefined
    onReach(answer.outcome !== 'unreachable')
    if (answer.outcome !== 'unreachable') return answer
    failures++
    await pause(backOffMs(failures, Math.random), signal)
  }
  return undefined
}

type Watcher = {
  onInvoice(invoice: Invoice): void
  onReach(isReached: boolean): void
  onRefused(status: number): void
}

/** Follows an invoice by long polls until nothing can happen to it any more, or until it is stopped. */
export async function watchInvoice(
  api: Api,
  first: Invoice,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<void> {
  let known = first
  // After a gap, what is known may be old: ask without waiting.
  let isFresh = true
  while (!isFinal(known) && !signal.aborted) {
    const { id, version } = known
    const answer = await askUntilAnswered(
      () => (isFresh ? api.waitForInvoice(id, version, signal) : api.getInvoice(id, signal)),
      (isReached) => {
        isFresh = isReached
        watcher.onReach(isReached)
      },
      signal,
    )
    if (answer === undefined) return
    if (answer.outcome === 'refused') {
      watcher.onRefused(answer.status)
      return
    }
    // Answers may overtake one another; an older one is not news.
    if (answer.value.version >= known.version) {
      known = answer.value
      watcher.onInvoice(known)
    }
  }
}
