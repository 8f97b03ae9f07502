import type { Answer } from '../browser/ask.ts'
import { isFinal } from '../browser/invoice.ts'
import { backOffMs, pause } from '../browser/retry.ts'
import type { Api } from './api.ts'
import type { Invoice } from './model.ts'

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
